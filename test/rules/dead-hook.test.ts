import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandsIn, scriptsOf } from '../../rules/dead-hook/commands.ts';
import deadHook from '../../rules/dead-hook.ts';
import { testRule } from '../helpers/rule-tests.ts';
import type { Step } from '../helpers/stories.ts';
import { audit, noon } from '../helpers/stories.ts';

/** `[seconds, path, text]`; a text of null is a deletion; seconds below 0: a first scan found it so. */
type Line = readonly [seconds: number, path: string, text: string | null];
const settings = 'settings.json';
const json = (value: object) => `${JSON.stringify(value, null, 2)}\n`;
const hook = (...commands: readonly string[]) =>
  json({ hooks: { Stop: [{ hooks: commands.map(command => ({ type: 'command', command })) }] } });
const dollar = '$';
const guard = 'hooks/guard.sh';

const caught: readonly (readonly [title: string, lines: readonly Line[], said: readonly string[]])[] = [
  [
    'the script was deleted',
    [
      [0, guard, 'x'],
      [1, settings, hook('bash ~/.claude/hooks/guard.sh')],
      [600, guard, null],
    ],
    ['likely medium: guard.sh'],
  ],
  [
    'a write brought a command without a script',
    [
      [0, settings, json({ model: 'opus' })],
      [600, settings, hook('node "$HOME/.claude/hooks/guard.js" --quick')],
    ],
    ['likely medium: guard.js'],
  ],
  [
    'a status line',
    [[-1, settings, json({ statusLine: { type: 'command', command: '~/.claude/statusline.sh' } })]],
    ['likely low: statusline.sh'],
  ],
  ['a helper for the key', [[-1, settings, json({ apiKeyHelper: '/home/me/.claude/bin/key' })]], ['likely low: key']],
  [
    'in a shell of its own',
    [[-1, settings, hook("bash -lc 'exec ~/.claude/hooks/a.sh < /dev/null'")]],
    ['likely low: a.sh'],
  ],
  [
    'behind others',
    [[-1, settings, hook(`A=1 timeout 5 python3 -u ${dollar}{HOME}/.claude/hooks/a.py && echo done`)]],
    ['likely low: a.py'],
  ],
  [
    'by way of a runner',
    [[-1, settings, hook('uv run --with requests ~/.claude/hooks/a.py', 'npx tsx ~/.claude/hooks/b.ts')]],
    ['likely low: a.py, b.ts'],
  ],
  ['in settings of a machine', [[-1, 'settings.local.json', hook('~/.claude/hooks/a.sh')]], ['likely low: a.sh']],
  [
    'two scripts, one deleted, one never there',
    [
      [-1, guard, 'x'],
      [-1, settings, hook('~/.claude/hooks/guard.sh', '~/.claude/hooks/other.sh')],
      [600, guard, null],
    ],
    ['likely medium: guard.sh', 'likely low: other.sh'],
  ],
];

const quiet: readonly (readonly [title: string, lines: readonly Line[]])[] = [
  [
    'the script is there',
    [
      [-1, guard, 'x'],
      [-1, settings, hook('bash ~/.claude/hooks/guard.sh', '~/.claude/hooks/Guard.sh')],
    ],
  ],
  [
    'programs and places elsewhere',
    [[-1, settings, hook('jq .x', '/usr/bin/say done', 'node ~/work/x.js', './a.sh', 'hooks/a.sh')]],
  ],
  [
    'places of a project or a plugin',
    [[-1, settings, hook('$CLAUDE_PROJECT_DIR/.claude/hooks/a.sh', `"${dollar}{CLAUDE_PLUGIN_ROOT}"/a.sh`)]],
  ],
  ['what is not kept', [[-1, settings, hook('node ~/.claude/plugins/cache/x/hook.js')]]],
  [
    'it asks whether it is there',
    [
      [
        -1,
        settings,
        hook(
          '[ -f ~/.claude/hooks/a.sh ] && bash ~/.claude/hooks/a.sh',
          'if test -x ~/.claude/a; then ~/.claude/a; fi',
        ),
      ],
    ],
  ],
  [
    'what it writes and what it is given',
    [
      [
        -1,
        settings,
        hook(
          'date >> ~/.claude/hooks/a.log 2> ~/.claude/e.log',
          '> ~/.claude/f.log jq .x',
          'echo ~/.claude/x.sh',
          'mkdir -p ~/.claude/state',
          'node -e "1" ~/.claude/y.js',
        ),
      ],
    ],
  ],
  [
    'a prompt',
    [[-1, settings, json({ hooks: { Stop: [{ hooks: [{ type: 'prompt', command: '~/.claude/x.sh' }] }] } })]],
  ],
  ['hooks are off', [[-1, settings, json({ disableAllHooks: true, ...JSON.parse(hook('~/.claude/hooks/a.sh')) })]]],
  ['settings that cannot be read', [[-1, settings, hook('~/.claude/hooks/a.sh').slice(0, -5)]]],
  [
    'settings of another shape',
    [[-1, settings, json({ hooks: { Stop: [null, { hooks: 'x' }, 3] }, statusLine: 'x', apiKeyHelper: 3 })]],
  ],
  ['a copy of the settings', [[-1, 'backups/settings.json', hook('~/.claude/hooks/a.sh')]]],
  [
    'the command is gone, too',
    [
      [0, guard, 'x'],
      [1, settings, hook('bash ~/.claude/hooks/guard.sh')],
      [600, guard, null],
      [610, settings, json({ hooks: {} })],
    ],
  ],
];

testRule({
  rule: deadHook,
  told,
  caught,
  quiet,
  mutants: [
    ['guards are not seen', 'test(command)) return [];\n  return words', "test('')) return [];\n  return words"],
    ['what is given is run', 'isWhole(first) ? [first] : []', 'words.filter(isWhole)'],
    ['shells in shells', 'shells.test(first) ?', 'false ?'],
    ['redirections are words', '!isRedirected) commands', 'true) commands'],
    ['hooks that are off', 'top.disableAllHooks === true', 'false'],
    ['the deletion is not known', 'brokenBy(file, script,', 'brokenBy(file, undefined,'],
    ['options are scripts', 'if (taking.test(word)) at++;', 'if (!word) at++;'],
  ],
});

describe('dead-hook', () => {
  it('tells which write broke it, and is over when the script is back', async () => {
    const lines: readonly Line[] = [
      [-1, guard, 'x'],
      [-1, settings, hook('bash ~/.claude/hooks/guard.sh')],
      [600, guard, null],
    ];
    const first = await audit(told(lines), [deadHook]);
    expect(first.incidents.map(({ cause, message, advice }) => [cause?.at, message, advice !== undefined])).toEqual([
      [noon + 600_000, 'settings.json runs hooks/guard.sh, which does not exist since 12:10:00', true],
    ]);
    const second = await audit(told([...lines, [900, guard, 'y']]), [deadHook], { notes: first.notes });
    expect(second.incidents.map(({ state }) => state)).toEqual(['resolved']);
  });

  it('reads commands as a shell would', () => {
    const read: readonly (readonly [command: string, scripts: readonly string[]])[] = [
      ['"/a b/c.sh" x', ['/a b/c.sh']],
      ['/a\\ b/c.sh', ['/a b/c.sh']],
      ['cat /x | /a/b.sh; /c/d.sh &', ['/a/b.sh', '/c/d.sh']],
      ['powershell -ExecutionPolicy Bypass -File "C:\\Users\\me\\a.ps1"', ['C:/Users/me/a.ps1']],
      ['node %USERPROFILE%\\.claude\\a.js', ['$USERPROFILE/.claude/a.js']],
      ['/opt/bin/node /a/b.js', ['/a/b.js']],
      ['source /a/env && . /b/env', ['/a/env', '/b/env']],
      ['python -m x /a/b.py', []],
      ['echo "$(/a/b.sh)"', []],
      ['bash -c "bash -c \'bash -c \\"/a/b.sh\\"\'"', []],
    ];
    expect(read.map(([command]) => [command, scriptsOf(command)])).toEqual(read.map(each => [...each]));
  });

  it('reads whatever the text', () => {
    const mess = fc.stringMatching(/^(?:"|'|\\|\$|~\/|a|\/| |\n|&&|\||>|<|\(|-c|bash|node|%|\[ -f)*$/, {
      maxLength: 200,
    });
    fc.assert(fc.property(mess, text => scriptsOf(text).every(script => script.includes('/'))));
    fc.assert(fc.property(fc.json(), text => commandsIn(text).every(command => typeof command === 'string')));
    expect(commandsIn('['.repeat(200_000))).toEqual([]);
  });
});

function told(lines: readonly Line[]): readonly Step[] {
  return lines.map(([seconds, path, text]) => ({
    path,
    at: noon + seconds * 1000,
    text,
    how: seconds < 0 ? 'scan' : 'event',
  }));
}

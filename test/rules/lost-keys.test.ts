import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rules } from '../../rules/index.ts';
import lostKeys from '../../rules/lost-keys.ts';
import { mend } from '../../src/documents/mend.ts';
import { isNoiseUnit } from '../../src/home/noise-units.ts';
import { testRule } from '../helpers/rule-tests.ts';
import type { Step } from '../helpers/stories.ts';
import { audit, inShort, noon } from '../helpers/stories.ts';

/** `[seconds, path, content]`; content that is no text is written as JSON; null is a deletion. */
type Line = readonly [seconds: number, path: string, content: unknown];

const told = (lines: readonly Line[]): readonly Step[] =>
  lines.map(([seconds, path, content]) => ({
    path,
    at: noon + seconds * 1000,
    text:
      content === null ? null : typeof content === 'string' ? content : `${JSON.stringify(content, undefined, 2)}\n`,
  }));

const settings = 'settings.json';
const state = '../.claude.json';
const installed = 'plugins/installed_plugins.json';
const markets = 'plugins/known_marketplaces.json';

const hook = (command: string, matcher = 'Bash') => ({ matcher, hooks: [{ type: 'command', command }] });
const hooks = (...commands: readonly string[]) => ({
  PreToolUse: commands.map(command => hook(`~/${command}.sh`, command)),
});
const allow = (...names: readonly string[]) => ({ allow: names.map(name => `Bash(${name}:*)`) });
const server = (name: string) => ({ command: 'npx', args: ['-y', `@mcp/${name}`] });
const day = 86_400;

const plugin = (...ids: readonly string[]) => ({
  version: 2,
  plugins: Object.fromEntries(ids.map(id => [id, [{ scope: 'user', installPath: `/p/${id}`, version: '1.0.0' }]])),
});
const market = (...names: readonly string[]) =>
  Object.fromEntries(names.map(name => [name, { source: { source: 'github', repo: `me/${name}` } }]));
const enabled = (...ids: readonly string[]) => ({ enabledPlugins: Object.fromEntries(ids.map(id => [id, true])) });

const caught: readonly (readonly [title: string, lines: readonly Line[], said: readonly string[]])[] = [
  [
    'a session saves its model into what it read three days ago',
    [
      [0, settings, { model: 'sonnet', hooks: hooks('a') }],
      [day, settings, { model: 'sonnet', hooks: hooks('a', 'b') }],
      [2 * day, settings, { model: 'sonnet', hooks: hooks('a', 'b', 'c') }],
      [4 * day, settings, { model: 'opus', hooks: hooks('a') }],
    ],
    ['likely high: hooks.PreToolUse.b, hooks.PreToolUse.c'],
  ],
  [
    'a value goes back with it',
    [
      [0, settings, { model: 'sonnet', effort: 'low', env: { A: '1' } }],
      [60, settings, { model: 'sonnet', effort: 'high', env: { A: '1', B: '2' } }],
      [4 * day, settings, { model: 'opus', effort: 'low', env: { A: '1' } }],
    ],
    ['likely high: effort, env.B'],
  ],
  [
    'two sessions grant a permission each',
    [
      [0, settings, { permissions: allow('ls') }],
      [5 * day, settings, { permissions: allow('ls', 'make') }],
      [9 * day, settings, { permissions: allow('ls', 'node') }],
    ],
    ['likely medium: permissions.allow: Bash(make:*)'],
  ],
  [
    'exactly an older content, several writes back',
    [
      [0, settings, { hooks: hooks('a') }],
      [5 * day, settings, { hooks: hooks('a', 'b') }],
      [6 * day, settings, { hooks: hooks('a', 'b', 'c') }],
      [9 * day, settings, { hooks: hooks('a') }],
    ],
    ['possible medium: hooks.PreToolUse.b, hooks.PreToolUse.c'],
  ],
  [
    'exactly an older content, one write back: it may be an undo',
    [
      [0, settings, { hooks: hooks('a') }],
      [5 * day, settings, { hooks: hooks('a', 'b') }],
      [9 * day, settings, { hooks: hooks('a') }],
    ],
    ['possible low: hooks.PreToolUse.b'],
  ],
  [
    'a hook in the place of the one that came last: it may be what was meant',
    [
      [0, settings, { hooks: hooks('a') }],
      [5 * day, settings, { hooks: hooks('a', 'b') }],
      [9 * day, settings, { hooks: hooks('a', 'c') }],
    ],
    ['possible medium: hooks.PreToolUse.b'],
  ],
  [
    'more than one change to an older version: somebody tidied up',
    [
      [0, settings, { model: 'sonnet', hooks: hooks('a'), env: { A: '1' } }],
      [5 * day, settings, { model: 'sonnet', hooks: hooks('a', 'b'), env: { A: '1' } }],
      [9 * day, settings, { model: 'opus', hooks: hooks('a'), env: { A: '1', B: '2' } }],
    ],
    ['possible low: hooks.PreToolUse.b'],
  ],
  [
    'a program writes the file anew, without the comments that hold what was switched off',
    [
      [0, settings, '{\n  // "hub": {\n  //   "url": "x"\n  // },\n  "theme": "dark"\n}\n'],
      [60, settings, { theme: 'light' }],
    ],
    ['possible medium: "hub": { "url": "x" },'],
  ],
  [
    'one comment of two is taken out',
    [
      [0, settings, '{\n  // "hub": {\n  //   "url": "x"\n  // },\n  "theme": "dark" // at night\n}\n'],
      [60, settings, '{\n  "theme": "dark" // at night\n}\n'],
    ],
    ['possible low: "hub": { "url": "x" },'],
  ],
  [
    'servers of another client go with a new model',
    [
      [0, 'config.toml', 'model = "a"\n\n[mcp_servers.docs]\ncommand = "docs"\n\n[features]\nweb = true\n'],
      [60, 'config.toml', 'model = "b"\n\n[features]\nweb = true\n'],
    ],
    ['possible medium: mcp_servers.docs'],
  ],
  [
    'one server of two is taken out of TOML',
    [
      [0, 'config.toml', '[mcp_servers.docs]\ncommand = "docs"\n\n[mcp_servers.db]\ncommand = "db"\n'],
      [60, 'config.toml', '[mcp_servers.docs]\ncommand = "docs"\n'],
    ],
    ['possible low: mcp_servers.db'],
  ],
  [
    'another tool sets its hook in the place of one',
    [
      [0, settings, { hooks: { Stop: [hook('node ~/mine/reload.mjs')] }, model: 'x' }],
      [60, settings, { hooks: { Stop: [hook('/opt/graph/bin/remind')] }, model: 'x' }],
    ],
    ['possible medium: hooks'],
  ],
  [
    'another server stands in the place of one',
    [
      [0, settings, { mcpServers: { docs: { command: 'npx', args: ['-y', '@acme/docs'] } } }],
      [60, settings, { mcpServers: { hub: { command: 'npx', args: ['-y', '@other/hub'] } } }],
    ],
    ['possible medium: mcpServers'],
  ],
  [
    'the servers of two projects are emptied, and a counter changes',
    [
      [
        0,
        state,
        {
          numStartups: 5,
          projects: { '/a': { mcpServers: { one: server('one') } }, '/b': { mcpServers: { two: server('two') } } },
        },
      ],
      [60, state, { numStartups: 6, projects: { '/a': { mcpServers: {} }, '/b': { mcpServers: {} } } }],
    ],
    ['possible medium: projects'],
  ],
  [
    'the only server of a project is taken out',
    [
      [0, state, { numStartups: 5, projects: { '/a': { mcpServers: { one: server('one') }, allowedTools: [] } } }],
      [60, state, { numStartups: 6, projects: { '/a': { mcpServers: {}, allowedTools: ['x'] } } }],
    ],
    ['possible low: projects["/a"].mcpServers'],
  ],
  [
    'granting a permission drops the hooks',
    [
      [0, settings, { hooks: hooks('a'), permissions: allow('ls'), model: 'opus' }],
      [60, settings, { permissions: allow('ls', 'make'), model: 'opus' }],
    ],
    ['possible medium: hooks'],
  ],
  [
    'some hooks of a group go',
    [
      [0, settings, { hooks: { Stop: [{ matcher: '*', hooks: [1, 2, 3].map(n => ({ command: `~/h${n}` })) }] } }],
      [60, settings, { hooks: { Stop: [{ matcher: '*', hooks: [{ command: '~/h1' }] }] } }],
    ],
    ['possible low: hooks.Stop["*"].hooks: ~/h2, hooks.Stop["*"].hooks: ~/h3'],
  ],
  [
    'only the model is left',
    [
      [0, settings, { model: 'sonnet', hooks: hooks('a'), permissions: allow('ls'), env: { A: '1' } }],
      [60, settings, { model: 'opus' }],
    ],
    ['possible high: hooks, permissions, env'],
  ],
  [
    'a permission is taken away',
    [
      [0, settings, { permissions: allow('ls', 'make') }],
      [60, settings, { permissions: allow('ls') }],
    ],
    ['possible low: permissions.allow: Bash(make:*)'],
  ],
  [
    'a server is removed',
    [
      [0, state, { numStartups: 5, mcpServers: { one: server('one'), two: server('two') } }],
      [60, state, { numStartups: 5, mcpServers: { one: server('one') } }],
    ],
    ['possible low: mcpServers.two'],
  ],
  [
    'servers are gone and the counter went down',
    [
      [0, state, { numStartups: 80, mcpServers: { one: server('one') }, projects: { '/x': { allowedTools: ['a'] } } }],
      [60, state, { numStartups: 12, mcpServers: {}, projects: { '/x': { allowedTools: ['a'] } } }],
    ],
    ['likely high: mcpServers'],
  ],
  [
    'it was broken in between',
    [
      [0, state, { numStartups: 80, theme: 'dark', autoConnectIde: true, mcpServers: { one: server('one') } }],
      [60, state, '{"numStartups": 8'],
      [120, state, { numStartups: 1, installMethod: 'native' }],
    ],
    ['likely high: theme, autoConnectIde, mcpServers'],
  ],
  [
    'a server comes back with a copy of the state of before, but for one',
    [
      [0, state, { numStartups: 5, mcpServers: { one: server('one') }, cachedX: 1 }],
      [60, state, { numStartups: 6, mcpServers: { one: server('one'), two: server('two') }, cachedX: 2 }],
      [4 * day, state, { numStartups: 7, mcpServers: { one: server('one'), three: server('three') }, cachedX: 3 }],
    ],
    ['possible medium: mcpServers.two'],
  ],
  [
    'a marketplace is forgotten while its plugin is enabled',
    [
      [0, settings, enabled('a@m', 'b@n')],
      [1, installed, plugin('a@m', 'b@n')],
      [2, markets, market('m', 'n')],
      [600, markets, market('n')],
      [900, 'notes.md', 'later'],
    ],
    ['likely medium: m'],
  ],
  [
    'an install record goes while the plugin is enabled',
    [
      [0, settings, enabled('a@m', 'b@m')],
      [1, installed, plugin('a@m', 'b@m')],
      [600, installed, plugin('b@m')],
      [900, 'notes.md', 'later'],
    ],
    ['likely medium: plugins.a@m'],
  ],
  [
    'the settings forget plugins that are installed',
    [
      [0, installed, plugin('a@m')],
      [1, settings, { ...enabled('a@m'), model: 'x' }],
      [600, settings, { model: 'x' }],
      [900, 'notes.md', 'later'],
    ],
    ['likely medium: enabledPlugins'],
  ],
  [
    'the settings forget a plugin that was switched off',
    [
      [0, installed, plugin('a@m')],
      [1, settings, { ...enabled('a@m'), model: 'x' }],
      [300, settings, { enabledPlugins: { 'a@m': false }, model: 'x' }],
      [600, settings, { model: 'x' }],
      [900, 'notes.md', 'later'],
    ],
    ['possible low: enabledPlugins'],
  ],
];

const quiet: readonly (readonly [title: string, lines: readonly Line[]])[] = [
  [
    'a setting is switched there and back',
    [
      [0, settings, { model: 'sonnet', hooks: hooks('a') }],
      [60, settings, { model: 'opus', hooks: hooks('a') }],
      [120, settings, { model: 'sonnet', hooks: hooks('a') }],
    ],
  ],
  [
    'the model is saved into what is there now',
    [
      [0, settings, { model: 'sonnet' }],
      [60, settings, { model: 'sonnet', hooks: hooks('a') }],
      [120, settings, { model: 'opus', hooks: hooks('a') }],
    ],
  ],
  [
    'keys change places',
    [
      [0, settings, { a: 1, b: 2, env: { A: '1' } }],
      [60, settings, { env: { A: '1' }, b: 2, a: 1 }],
    ],
  ],
  [
    'a key is renamed',
    [
      [0, settings, { env: { OLD_NAME: 'a long value' }, model: 'x' }],
      [60, settings, { env: { NEW_NAME: 'a long value' }, model: 'x' }],
    ],
  ],
  [
    'the hooks are put aside under another name',
    [
      [0, settings, { hooks: hooks('a', 'b', 'c'), model: 'x' }],
      [60, settings, { hooks_off: hooks('a', 'b', 'c'), model: 'x' }],
    ],
  ],
  [
    'a hook gets another command',
    [
      [0, settings, { hooks: { Stop: [hook('~/hooks/old.sh'), hook('~/x.sh', 'Edit')] } }],
      [60, settings, { hooks: { Stop: [hook('~/hooks/new.sh'), hook('~/x.sh', 'Edit')] } }],
    ],
  ],
  [
    'a server is switched off by a comment, and on again',
    [
      [0, settings, '{\n  "mcpServers": {\n    "hub": {\n      "url": "https://hub"\n    }\n  },\n  "n": 1\n}\n'],
      [
        60,
        settings,
        '{\n  "mcpServers": {\n    // "hub": {\n    //   "url": "https://hub"\n    // }\n  },\n  "n": 1\n}\n',
      ],
      [120, settings, '{\n  "mcpServers": {\n    "hub": {\n      "url": "https://hub"\n    }\n  },\n  "n": 1\n}\n'],
    ],
  ],
  [
    'a table of TOML is spelled inline, and a value changes',
    [
      [0, 'config.toml', '[mcp_servers.docs]\ncommand = "docs"\n[mcp_servers.docs.env]\nA = "b"\n'],
      [60, 'config.toml', '[mcp_servers.docs]\nenv = { A = "c" }\ncommand = "docs"\n'],
    ],
  ],
  [
    'a hook gets another flag',
    [
      [0, settings, { hooks: { Stop: [hook('notify --title done')] } }],
      [60, settings, { hooks: { Stop: [hook('notify --title ready --sound')] } }],
    ],
  ],
  [
    'a hook is called by another path',
    [
      [0, settings, { hooks: { Stop: [hook('~/.claude/hooks/guard.sh')] } }],
      [60, settings, { hooks: { Stop: [hook('node "$HOME"/tools/guard.mjs')] } }],
    ],
  ],
  [
    'a server gets a newer version, another name and an argument',
    [
      [0, settings, { mcpServers: { docs: { command: 'npx', args: ['-y', '@acme/docs@1.2'] } } }],
      [60, settings, { mcpServers: { manual: { command: 'bunx', args: ['@acme/docs@1.3', '--fast'] } } }],
    ],
  ],
  [
    'two groups of hooks become one',
    [
      [0, settings, { hooks: { Stop: [hook('~/a.sh'), hook('~/b.sh')] } }],
      [
        60,
        settings,
        { hooks: { Stop: [{ matcher: 'Bash', hooks: [hook('~/a.sh'), hook('~/b.sh')].flatMap(h => h.hooks) }] } },
      ],
    ],
  ],
  [
    'a permission is worded otherwise',
    [
      [0, settings, { permissions: allow('ls', 'make') }],
      [60, settings, { permissions: allow('ls', 'make test') }],
    ],
  ],
  [
    'all permissions are spelled anew',
    [
      [0, settings, { permissions: { allow: ['Bash(ls*)', 'Bash(make*)', 'Bash(node*)', 'Bash(jq*)'] } }],
      [60, settings, { permissions: allow('ls', 'make', 'node', 'jq') }],
    ],
  ],
  [
    'a permission moves to the local file',
    [
      [0, settings, { permissions: allow('ls', 'make') }],
      [60, 'settings.local.json', { permissions: allow('make') }],
      [61, settings, { permissions: allow('ls') }],
    ],
  ],
  [
    'counters and caches come and go',
    [
      [
        0,
        state,
        { numStartups: 5, cachedX: { a: 1, b: 2 }, tipsHistory: { t: 3 }, mcpServers: { one: server('one') } },
      ],
      [60, state, { numStartups: 3, mcpServers: { one: server('one') } }],
    ],
  ],
  [
    'another file',
    [
      [0, 'data/x.json', { a: 1, b: 2, c: 3, d: 4 }],
      [60, 'data/x.json', { a: 1 }],
    ],
  ],
  [
    'it is broken: that is another rule',
    [
      [0, settings, { hooks: hooks('a') }],
      [60, settings, '{"hooks": {'],
    ],
  ],
  [
    'it is broken and mended',
    [
      [0, settings, { hooks: hooks('a') }],
      [60, settings, '{"hooks": {'],
      [120, settings, { hooks: hooks('a') }],
    ],
  ],
  [
    'it is deleted, and made anew much later',
    [
      [0, settings, { hooks: hooks('a') }],
      [60, settings, null],
      [day, settings, { model: 'x' }],
    ],
  ],
  [
    'a plugin is switched off',
    [
      [0, settings, enabled('a@m')],
      [1, installed, plugin('a@m')],
      [2, markets, market('m')],
      [600, settings, { enabledPlugins: { 'a@m': false } }],
      [700, 'notes.md', 'later'],
    ],
  ],
  [
    'a plugin of the first look that was never installed',
    [
      [0, settings, enabled('a@m', 'x@builtin')],
      [1, installed, plugin('a@m')],
      [2, markets, market('m')],
      [600, 'notes.md', 'later'],
    ],
  ],
];

testRule({
  rule: lostKeys,
  told,
  extra: () => ({ isNoise: isNoiseUnit }),
  caught,
  quiet,
  mutants: [
    ['what was edited is lost too', "fate === 'lost' && unit.kind === 'member'", "unit.kind === 'member'"],
    [
      'an older version is not looked for',
      'const snapshot = await snapshotOf(',
      'const snapshot = null && await snapshotOf(',
    ],
    ['any number of changes fits', 'differs > most || ', ''],
    ['an undo is sure', 'snapshot.own.length === 0) return', 'false) return'],
    ['what came in its place is not seen', '!isReplaced(thing, gone, came)', 'true'],
    ['a spelling is a loss', 'bare(a.text) === bare(b.text)', 'false'],
    ['a name is a loss', '!isRenamed(one, added)', 'true'],
    ['a value that went back stays there', '...(snapshot?.wentBack ?? [])', ''],
    ['counters tell nothing', 'return is < was ?', 'return false ?'],
    ['hooks of two matchers have nothing to do with each other', "if (top === 'hooks') return", 'if (false) return'],
    ['what is broken is compared', 'whole = before;', 'whole ??= before;'],
    ['caches are compared', 'if (!/(^|\\/)\\.claude\\.json$/.test(path)) return', 'return'],
    ['another program is a replacement', 'if (runsProgram(thing)) {', 'if (false) {'],
    ['another program is tidying', 'gone.some(thing => isDisplaced(thing, came))', 'false'],
    ['servers of projects are tidied', 'gone.filter(isServer).length > 1', 'false'],
    ['comments are not looked at', "unit.kind === 'block'", 'false'],
    ['a comment that was taken out was dropped', 'isAll && isOff', 'isOff'],
    ['a plugin that is switched off is missed', 'before.get(id) && ', ''],
    ['a marketplace is not asked for', '&& comes && !comes.has(market)', '&& false'],
  ],
});

describe('lost-keys', () => {
  const stale: readonly Line[] = [
    [0, settings, { model: 'sonnet', effort: 'low', env: { A: 'x' } }],
    [60, settings, { model: 'sonnet', effort: 'high', env: { A: 'x', TOKEN: 'not-for-your-eyes' } }],
    [120, settings, { model: 'opus', effort: 'low', env: { A: 'x' } }],
  ];

  it('says names, never what stands behind them', async () => {
    const { incidents } = await audit(told(stale), [lostKeys]);
    const [{ message, findings } = { message: '', findings: [] }] = incidents;
    expect(message).toBe('env.TOKEN went with the write of 12:02:00, which is the version of 12:00:00 but for model');
    expect(JSON.stringify(findings)).not.toContain('eyes');
  });

  it('is one incident with what the other rules say of it', async () => {
    const { incidents } = await audit(told(stale), rules);
    expect(incidents.map(inShort)).toEqual(['likely high: effort, env.TOKEN']);
    expect(incidents[0]!.findings.map(({ rule }) => rule).sort()).toEqual(['lost-keys', 'lost-update']);
  });

  it('gives the version that was written back, so that the older value is no conflict', async () => {
    const steps = told(stale);
    const [incident] = (await audit(steps, [lostKeys])).incidents;
    const bytes = (i: number) => new TextEncoder().encode(steps[i]!.text!);
    const [base, lost, present] = [bytes(0), bytes(1), bytes(2)];
    expect(incident!.base!.at).toBe(steps[0]!.at);
    const mended = mend({ path: settings, base, lost, present, fingerprints: incident!.fingerprints });
    expect(mended.conflicts).toEqual([]);
    expect(JSON.parse(Buffer.from(mended.bytes).toString())).toEqual({
      model: 'opus',
      effort: 'high',
      env: { A: 'x', TOKEN: 'not-for-your-eyes' },
    });
  });

  it('waits until whoever takes a plugin out has changed all registries', async () => {
    const lines: readonly Line[] = [
      [0, settings, enabled('a@m', 'b@m')],
      [1, installed, plugin('a@m', 'b@m')],
      [600, settings, enabled('b@m')],
    ];
    const certainties = async (more: readonly Line[]) =>
      (await audit(told([...lines, ...more]), [lostKeys])).incidents.map(({ certainty }) => certainty);
    expect(await certainties([])).toEqual(['possible']);
    expect(
      await certainties([
        [603, installed, plugin('b@m')],
        [900, 'notes.md', 'later'],
      ]),
    ).toEqual(['possible', 'possible']);
    expect(await certainties([[900, 'notes.md', 'later']])).toEqual(['likely']);
  });

  it('looks at more files when asked', async () => {
    const lines: readonly Line[] = [
      [0, 'tools/servers.json', { mcpServers: { one: server('one') }, a: 1 }],
      [60, 'tools/servers.json', { a: 1 }],
    ];
    const options = { 'lost-keys': { files: ['tools/*.json'] } };
    expect((await audit(told(lines), [lostKeys])).incidents).toEqual([]);
    expect((await audit(told(lines), [lostKeys], { options })).incidents.map(inShort)).toEqual([
      'possible low: mcpServers',
    ]);
  });
});

interface Settings {
  readonly model: string;
  readonly allow: readonly string[];
  readonly env: readonly string[];
  readonly hooks: readonly string[];
  readonly servers: readonly string[];
}

/** One change, as a client makes it: something more, or another model. */
function changed(before: Settings, n: number, which: number): Settings {
  const keys = ['allow', 'env', 'hooks', 'servers'] as const;
  const key = keys[which];
  return key ? { ...before, [key]: [...before[key], `${key}${n}`] } : { ...before, model: `m${n}` };
}

const written = ({ model, allow: names, env, hooks: commands, servers }: Settings): object => ({
  model,
  permissions: allow(...names),
  env: Object.fromEntries(env.map(name => [name, `the value of ${name}`])),
  hooks: hooks(...commands),
  mcpServers: Object.fromEntries(servers.map(name => [name, server(name)])),
});

describe('lost-keys, on generated histories', () => {
  const first: Settings = { model: 'm', allow: ['ls'], env: [], hooks: [], servers: [] };
  const steps = fc.array(fc.nat(4), { minLength: 3, maxLength: 10 });
  const said = async (all: readonly Settings[], hours: number) => {
    const lines = all.map((one, i): Line => [i * hours * 3600, settings, written(one)]);
    const { incidents } = await audit(told(lines), [lostKeys]);
    return incidents.map(({ certainty, severity }) => `${certainty} ${severity}`);
  };
  const history = (which: readonly number[]) => {
    const all = [first];
    for (const [n, one] of which.entries()) all.push(changed(all.at(-1)!, n, one));
    return all;
  };

  it('is quiet while everybody writes what is there, and one more thing', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.constantFrom(1, 60), async (which, hours) => {
        expect(await said(history(which), hours)).toEqual([]);
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  it('is never sure of an undo, or of one thing that is taken out', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.constantFrom('allow', 'env', 'hooks', 'servers'), async (which, key) => {
        const all = history(which);
        const last = all.at(-1)!;
        for (const next of [all.at(-2)!, { ...last, [key]: last[key].slice(1) }]) {
          expect((await said([...all, next], 1)).filter(one => one !== 'possible low')).toEqual([]);
        }
      }),
      { numRuns: 60, seed: 2 },
    );
  });

  it('tells every older copy that was written back with a change, if things of two writes went', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.nat(4), fc.constantFrom(1, 60), async (which, one, hours) => {
        const all = history(which);
        const base = all[Math.max(0, all.length - 4)]!;
        const next = changed(base, 99, one);
        const things = (of: Settings) => [...of.allow, ...of.env, ...of.hooks, ...of.servers];
        fc.pre(things(all.at(-1)!).filter(thing => !things(next).includes(thing)).length > 1);
        expect((await said([...all, next], hours)).filter(told => /^likely|high$/.test(told))).toHaveLength(1);
      }),
      { numRuns: 100, seed: 3 },
    );
  });
});

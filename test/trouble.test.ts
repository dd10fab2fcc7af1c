/** Bad input and trouble through the built program: a clear error with a hint, the right exit code, nothing lost. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commands } from '../src/commands/index.ts';
import { Place, type Program } from './helpers/program.ts';

interface Line {
  readonly type: string;
  readonly code?: string;
  readonly path?: string;
  readonly why?: string;
  readonly version?: string;
}

let place: Place;

beforeEach(() => {
  const skill = '---\nname: pdf\ndescription: reads papers\n---\n\n# pdf\n';
  place = new Place({ 'CLAUDE.md': '# Rules\n\n- be kind\n', 'skills/pdf/SKILL.md': skill });
});
afterEach(() => place.remove());

async function watching(...words: string[]): Promise<Program> {
  const watch = place.start('watch', '--json', ...words);
  await watch.object<Line>(line => line.type === 'ready');
  return watch;
}

async function stop(watch: Program): Promise<void> {
  watch.kill('SIGINT');
  expect((await watch.ended).code).toBe(0);
}

describe('wrong usage ends with 2, and says what to type', () => {
  it.each([
    { words: ['frob'], err: 'error: there is no command "frob"\nhint: `undertext --help` lists the commands\n' },
    { words: ['audti'], err: 'error: there is no command "audti"\nhint: did you mean `undertext audit`?\n' },
    {
      words: ['audit', '--frob'],
      err: 'error: audit has no option --frob\nhint: `undertext audit --help` shows the options\n',
    },
    {
      words: ['audit', 'x'],
      err: 'error: "x" is one argument too many\nhint: `undertext audit --help` shows examples\n',
    },
    { words: ['--frob'], err: 'error: there is no option --frob\nhint: `undertext --help` shows the options\n' },
    {
      words: ['find', ''],
      err: 'error: `undertext find TEXT` needs an argument\nhint: `undertext find --help` shows examples\n',
    },
    {
      words: ['audit', '--format', 'xml'],
      err: 'error: there is no format "xml"\nhint: use one of table, json, ndjson, sarif, markdown\n',
    },
    {
      words: ['audit', '--since', 'soon'],
      err: 'error: "soon" is no time\nhint: write 2h, 3d, 14:00, yesterday, or 2026-11-20T14:00\n',
    },
    {
      words: ['audit', '--rule', 'nope'],
      err: 'error: there is no rule "nope"\nhint: `undertext rules` lists them\n',
    },
    {
      words: ['show'],
      err: 'error: `undertext show INCIDENT` needs an argument\nhint: `undertext show --help` shows examples\n',
    },
    {
      words: ['restore', 'CLAUDE.md'],
      err: 'error: a path is restored with --at\nhint: `undertext restore CLAUDE.md --at VERSION`; `undertext log CLAUDE.md` lists the versions\n',
    },
    {
      words: ['undo'],
      err: 'error: there is no restore to take back\nhint: `undertext audit` lists what can be restored\n',
    },
    {
      words: ['cat', 'nope.md@2h'],
      err: 'error: no version of "nope.md" is kept\nhint: `undertext ls` lists what is kept, `undertext find TEXT` looks for a text\n',
    },
  ])('$words', async ({ words, err }) => {
    expect((await place.run('snapshot')).code).toBe(0);
    expect(await place.run(...words)).toEqual({ code: 2, out: '', err });
  });

  it('as JSON on standard error with --json', async () => {
    expect((await place.run('snapshot')).code).toBe(0);
    const { code, out, err } = await place.run('show', 'k7f3qz', '--json');
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(JSON.parse(err)).toEqual({
      error: {
        code: 'not-found',
        message: 'there is no incident "k7f3qz"',
        hint: 'there are no incidents yet',
      },
    });
  });

  it('two formats at once', async () => {
    const { code, err } = await place.run('audit', '--json', '--format', 'table');
    expect(code).toBe(2);
    expect(JSON.parse(err).error.message).toBe('--json and --format exclude each other');
  });

  it('a broken configuration names file, line and key', async () => {
    const file = join(place.folder, 'config.json');
    writeFileSync(file, '{\n  // what not to look at\n  "ignroe": ["plans/**"]\n}\n');
    const { code, err } = await place.run('audit', '--config', file);
    expect(code).toBe(2);
    expect(err).toContain(`${file}:3`);
    expect(err).toContain('"ignroe"');
    expect(err).toContain('"ignore"');
  });
});

describe('options of rules', () => {
  it.each([
    ['{ "rules": { "lost-updat": false } }', '"rules.lost-updat" is no rule', 'lost-update'],
    ['{ "rules": { "index-drift": { "graceSecond": 1 } } }', 'graceSecond', 'graceSeconds'],
    ['{ "rules": { "index-drift": { "graceSeconds": "1" } } }', 'graceSeconds', 'number'],
  ])('%s is refused', async (text, message, hint) => {
    const file = join(place.folder, 'config.json');
    writeFileSync(file, text);
    const { code, err } = await place.run('audit', '--config', file);
    expect(code).toBe(2);
    expect(err).toContain(`${file}:1: `);
    expect(err).toContain(message);
    expect(err).toContain(hint);
  });
});

describe('rules of one’s own', () => {
  const rule = (id: string, body: string) =>
    `export default { id: '${id}', summary: 'Shouted.', severity: 'low', options: {}, async checkPath(file, tools) { ${body} } };`;
  const shouted = rule(
    'shouted',
    `const newest = file.versions.at(-1);
     const loud = (await tools.units(newest)).filter(unit => /[A-Z]{6}/.test(unit.text));
     return loud.length === 0 ? [] : [{ path: file.path, message: 'somebody shouts', certainty: 'likely', lost: null, cause: newest, base: null, units: loud, evidence: [] }];`,
  );

  it('are loaded beside the built-in ones; one that throws is told, silences nobody, and makes the exit code 3', async () => {
    const folder = join(place.folder, 'rules');
    mkdirSync(folder);
    writeFileSync(join(folder, 'shouted.mjs'), shouted);
    // What was so at the first look is only counted.
    expect((await place.run('snapshot')).code).toBe(0);
    place.write('rules/loud.md', '# Rules\n\n- NEVER EVER PUSH\n- BEWARE\n');
    const { code, out } = await place.run('audit', '--rules', folder, '--json');
    expect(code).toBe(1);
    expect(JSON.parse(out).incidents).toMatchObject([{ path: 'rules/loud.md', findings: [{ rule: 'shouted' }] }]);

    writeFileSync(join(folder, 'clumsy.mjs'), rule('clumsy', "throw new Error('oh');"));
    const failed = await place.run('audit', '--rules', folder, '--json');
    expect(failed.code).toBe(3);
    expect(JSON.parse(failed.out).incidents).toHaveLength(1);
    expect(JSON.parse(failed.out).failedRules[0]).toMatchObject({ rule: 'clumsy', message: 'oh (clumsy.mjs:1)' });
  });

  it.each([
    ['no severity', "export default { id: 'x', summary: 's', options: {}, checkPath() {} };", 'severity'],
    ['no rule at all', 'export const x = 1;', 'mine.mjs'],
    ['an id that is taken', shouted.replace("id: 'shouted'", "id: 'lost-update'"), 'lost-update'],
    ['broken code', 'export default {', 'cannot be loaded'],
  ])('%s is refused', async (_, text, said) => {
    writeFileSync(join(place.folder, 'mine.mjs'), text);
    const { code, err } = await place.run('audit', '--rules', place.folder);
    expect(code).toBe(2);
    expect(err).toContain('mine.mjs');
    expect(err).toContain(said);
  });
});

describe('roots', () => {
  it('one that is a file is refused', async () => {
    const { code, err } = await place.run('audit', '--root', place.path('CLAUDE.md'));
    expect(code).toBe(2);
    expect(err).toMatch(/^error: .*CLAUDE\.md is not a folder\nhint: /);
  });

  it('one that is missing: audit does not take its files for deleted', async () => {
    expect((await place.run('snapshot')).code).toBe(0);
    renameSync(place.home, `${place.home}-away`);
    const { code, err } = await place.run('audit');
    expect(code).toBe(3);
    expect(err).toBe(
      `error: the root ${place.home} is not there\nhint: check --root, CLAUDE_CONFIG_DIR or the configuration; \`undertext watch\` waits for a root to appear\n`,
    );
    renameSync(`${place.home}-away`, place.home);
    expect((await place.run('audit')).code).toBe(0);
  });

  it('one that is missing: watch says so, waits, and comes in when it appears', async () => {
    renameSync(place.home, `${place.home}-away`);
    const watch = place.start('watch', '--json');
    expect(await watch.object<Line>(line => line.type === 'warning')).toMatchObject({ code: 'root-missing' });
    renameSync(`${place.home}-away`, place.home);
    await watch.object<Line>(line => line.type === 'version' && line.path === 'CLAUDE.md');
    await stop(watch);
  });

  it('one that vanishes and comes back is a gap, and none of its files is taken for deleted', async () => {
    const watch = await watching();
    renameSync(place.home, `${place.home}-away`);
    await watch.object<Line>(line => line.type === 'gap');
    renameSync(`${place.home}-away`, place.home);
    place.write('CLAUDE.md', '# Rules\n\n- be kind\n- be brief\n');
    await watch.object<Line>(line => line.type === 'version' && line.path === 'CLAUDE.md');
    await stop(watch);
    const log = JSON.parse((await place.run('log', 'CLAUDE.md', '--json')).out) as {
      versions: { blob: string | null }[];
    };
    expect(log.versions.every(version => version.blob !== null)).toBe(true);
  });

  it('two folders of the same name in one store do not mix', async () => {
    const other = join(place.folder, 'other/.claude');
    mkdirSync(other, { recursive: true });
    writeFileSync(join(other, 'notes.md'), 'mine\n');
    expect((await place.run('snapshot')).code).toBe(0);
    expect((await place.run('snapshot', '--root', other)).code).toBe(0);
    const { out } = await place.run('log', 'CLAUDE.md', '--json');
    expect((JSON.parse(out) as { versions: unknown[] }).versions).toHaveLength(1);
  });
});

describe('odd things in a home', () => {
  it('names, links, pipes, sockets and a big file: kept or left alone, never in the way', {
    timeout: 120_000,
  }, async () => {
    const odd = Buffer.concat([Buffer.from(`${place.home}/caf`), Buffer.from([0xe9]), Buffer.from('.md')]);
    writeFileSync(odd, 'latin name\n');
    place.write('two\nlines.md', 'newline in the name\n');
    place.write('bytes.md', Buffer.from([0x61, 0xff, 0xfe, 0x0a]));
    place.write('big.txt', '');
    truncateSync(place.path('big.txt'), 300_000_000);
    place.write('.credentials.json', '{"token":"hush"}');
    symlinkSync('nowhere', place.path('dangling.md'));
    symlinkSync('.', place.path('loop'));
    execFileSync('mkfifo', [place.path('pipe')]);
    const server = createServer().listen(place.path('socket'));
    try {
      const watch = await watching();
      await stop(watch);
      const audit = JSON.parse((await place.run('audit', '--json')).out);
      expect(audit.incidents).toEqual([]);
      expect(audit.coverage.skipped).toContainEqual(
        expect.objectContaining({ path: '.credentials.json', why: 'secret' }),
      );
      expect(await place.run('cat', 'two\nlines.md')).toMatchObject({ code: 0, out: 'newline in the name\n' });
      expect((await place.run('find', 'hush')).out).toBe('no version of any file holds "hush"\n');
      expect((await place.run('find', 'latin name')).out).toContain('caf\\xe9.md');
      expect(await place.run('cat', 'caf\\xe9.md')).toMatchObject({ code: 0, out: 'latin name\n' });
      expect((await place.run('log', 'big.txt', '--json')).out).toContain('"size": 300000000');
      expect(spawnSync('grep', ['-rl', 'hush', place.store]).status, 'the secret is nowhere in the store').toBe(1);
    } finally {
      server.close();
    }
    expect(await place.run('verify')).toMatchObject({ code: 0 });
  });
});

describe('the store', () => {
  it('two watchers: the second says who watches', async () => {
    const watch = await watching();
    const { code, err } = await place.run('watch');
    expect(code).toBe(2);
    expect(err).toMatch(new RegExp(`^error: process ${watch.pid} .*is watching into this store since .*\nhint: `));
    await stop(watch);
  });

  it('a watcher that was killed lost nothing it had announced, and the next one starts', async () => {
    const watch = await watching();
    const announced: string[] = [];
    for (let number = 1; number <= 20; number++) {
      place.write('CLAUDE.md', `# Rules\n\n- be kind\n- rule ${number}\n`);
      const line = await watch.object<Line>(each => each.type === 'version' && each.path === 'CLAUDE.md');
      announced.push(line.version!);
    }
    watch.kill('SIGKILL');
    await watch.ended;
    const log = JSON.parse((await place.run('log', 'CLAUDE.md', '--json')).out) as { versions: { version: string }[] };
    expect(log.versions.map(version => version.version)).toEqual(expect.arrayContaining(announced));
    expect((await place.run('verify')).code).toBe(0);
    await stop(await watching());
  });

  it('in a place that cannot be', async () => {
    writeFileSync(join(place.folder, 'file'), '');
    const { code, err } = await place.run('snapshot', '--store', join(place.folder, 'file'));
    expect(code).toBe(3);
    expect(err).toMatch(/^error: .+\nhint: .+\n$/);
  });

  it('a folder that holds something else is not taken over', async () => {
    const folder = join(place.folder, 'photos');
    mkdirSync(folder);
    writeFileSync(join(folder, 'one.jpg'), 'x');
    const { code, err } = await place.run('snapshot', '--store', folder);
    expect(code).toBe(3);
    expect(err).toMatch(/^error: .+\nhint: .+\n$/);
    expect(existsSync(join(folder, 'HEAD'))).toBe(false);
  });

  it('that does not exist yet: reading commands say how to begin, and make nothing', async () => {
    for (const words of [['log', 'CLAUDE.md'], ['find', 'x'], ['show', 'k7f3qz'], ['status'], ['verify']]) {
      const hint = 'hint: run `undertext watch` or `undertext snapshot` first\n';
      expect(await place.run(...words)).toEqual({
        code: 2,
        out: '',
        err: `error: there is no store in ${place.store}\n${hint}`,
      });
    }
    expect(existsSync(place.store)).toBe(false);
  });
});

describe('incidents', () => {
  it('an id with a wrong letter: the nearest is suggested', async () => {
    place.write('CLAUDE.md', '# Rules\n\n- be kind\n');
    await place.run('snapshot');
    place.write('CLAUDE.md', '# Rules\n\n- be kind\n- be brief\n');
    await place.run('snapshot');
    place.write('CLAUDE.md', '# Rules\n\n- be kind\n- be bold\n');
    const audit = await place.run('audit', '--json');
    const id: string = JSON.parse(audit.out).incidents[0].id;
    const wrong = `${id.slice(0, 5)}${id[5] === 'a' ? 'b' : 'a'}`;
    const { code, err } = await place.run('show', wrong);
    expect(code).toBe(2);
    expect(err).toBe(`error: there is no incident "${wrong}"\nhint: did you mean ${id}?\n`);
  });

  it('a copy that the client keeps of a file, or a plan that quotes it, does not hide what the file lost', async () => {
    const notes = (part: string) =>
      `# Notes\n\n## Build\n\nUse pnpm.\n\n## ${part}\n\nWhat ${part} must know by heart.\n`;
    place.write('projects/-p/memory/MEMORY.md', '# Notes\n\n## Build\n\nUse pnpm.\n');
    await place.run('snapshot');
    place.write('projects/-p/memory/MEMORY.md', notes('Gotchas'));
    place.write('file-history/5d0b/6ade9e74f9529b28@v1', notes('Gotchas'));
    place.write('plans/quiet-otter.md', notes('Gotchas'));
    await place.run('snapshot');
    place.write('projects/-p/memory/MEMORY.md', notes('Reviews'));
    const { incidents } = JSON.parse((await place.run('audit', '--json')).out);
    expect(incidents).toMatchObject([{ certainty: 'likely', units: [{ kind: 'section', name: 'Gotchas' }] }]);
  });

  it('filters say what they leave out', async () => {
    await place.run('snapshot');
    place.write('CLAUDE.md', '# Rules\n\n- be kind\n- be brief\n');
    await place.run('snapshot');
    place.write('CLAUDE.md', '# Rules\n\n- be kind\n- be bold\n');
    expect((await place.run('audit', '--path', place.path('CLAUDE.md'))).code).toBe(1);
    const elsewhere = await place.run('audit', '--path', 'skils/**');
    expect(elsewhere).toMatchObject({ code: 0, err: 'no file that was ever kept fits --path skils/**\n' });
    expect(elsewhere.out).toMatch(/^no open incidents here; .*1 more left out\s+by --path,\s+--rule\s+or\s+--since/s);
  });

  it('a restore says what is back, and an undo which restore it took back', async () => {
    await place.run('snapshot');
    place.write('CLAUDE.md', '# Rules\n\n- be kind\n- be brief\n');
    await place.run('snapshot');
    place.write('CLAUDE.md', '# Rules\n\n- be kind\n- be bold\n');
    const id: string = JSON.parse((await place.run('audit', '--json')).out).incidents[0].id;
    const { out } = await place.run('restore', id.toUpperCase());
    const restore = /undertext undo (r\w{6})\n$/.exec(out)?.[1];
    expect(out).toBe(
      `restored list item "be brief" in ~/.claude/CLAUDE.md\n\n+ - be brief\n\nnothing else in the file was touched\n\nto take it back:\nundertext undo ${restore}\n`,
    );
    const undone = (await place.run('undo')).out;
    expect(undone).toMatch(
      new RegExp(
        `^took back ${restore}: ~/.claude/CLAUDE.md\ntook away list item "be brief":\n- - be brief\n\nto put it back again:\nundertext undo r\\w{6}\n$`,
      ),
    );
  });

  it('a time before the first version is answered with the first', async () => {
    await place.run('snapshot');
    const { code, err } = await place.run('cat', 'CLAUDE.md@2000-01-01');
    expect(code).toBe(2);
    expect(err).toMatch(/^error: no version of CLAUDE.md was kept that early\nhint: the first is \w{10}, of /);
  });

  it('accepted with a reason stays closed', async () => {
    await place.run('snapshot');
    place.write('CLAUDE.md', '# Rules\n\n- be kind\n- be brief\n');
    await place.run('snapshot');
    place.write('CLAUDE.md', '# Rules\n\n- be kind\n- be bold\n');
    const audit = await place.run('audit', '--json');
    expect(audit.code).toBe(1);
    const id: string = JSON.parse(audit.out).incidents[0].id;
    expect((await place.run('accept', id)).code).toBe(2);
    expect(await place.run('accept', id, '--reason', 'bold is better')).toMatchObject({ code: 0 });
    expect(await place.run('audit', '--quiet')).toEqual({ code: 0, out: '', err: '' });
    expect((await place.run('audit', '--all')).out).toContain('accepted');
  });
});

describe('a restore while the file is being written', () => {
  it('either merges into what is there, or refuses; the last text of the writer is never gone', async () => {
    await place.run('snapshot');
    place.write('CLAUDE.md', '# Rules\n\n- be kind\n- be brief\n');
    await place.run('snapshot');
    place.write('CLAUDE.md', '# Rules\n\n- be kind\n- be bold\n');
    const id: string = JSON.parse((await place.run('audit', '--json')).out).incidents[0].id;
    const script = join(import.meta.dirname, 'helpers/busy-writer.mjs');
    const child = spawn(process.execPath, [script, place.path('CLAUDE.md')], { stdio: ['pipe', 'pipe', 'inherit'] });
    await new Promise(resolve => child.stdout.once('data', resolve));
    const restored = await place.run('restore', id);
    const last = new Promise<string>(resolve => {
      let text = '';
      child.stdout.on('data', chunk => {
        text += chunk;
      });
      child.once('close', () => resolve(text.trim().split('\n').at(-1)!));
    });
    child.stdin.end();
    const lastLine = await last;
    expect([0, 3]).toContain(restored.code);
    if (restored.code === 3) expect(restored.err).toMatch(/is being written, so nothing was restored\nhint: /);
    const kept = (await place.run('find', lastLine, '--json')).out;
    expect(readFileSync(place.path('CLAUDE.md'), 'utf8').includes(lastLine) || kept.includes('CLAUDE.md')).toBe(true);
  });
});

describe('a file that cannot be read', () => {
  // The superuser can read everything: there the case cannot be played.
  it.skipIf(process.getuid?.() === 0)('is named, and the exit code is 3', async () => {
    chmodSync(place.path('CLAUDE.md'), 0o000);
    const { code, out } = await place.run('audit');
    chmodSync(place.path('CLAUDE.md'), 0o600);
    expect(code).toBe(3);
    expect(out).toContain('CLAUDE.md');
  });
});

describe('help', () => {
  const names = commands.map(({ name }) => name);
  it.each(names)('undertext %s --help shows examples and exit codes in 80 columns', async name => {
    const { code, out, err } = await place.run(name, '--help');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('Examples:');
    expect(out).toContain('Exit codes:');
    expect(Math.max(...out.split('\n').map(line => line.length))).toBeLessThanOrEqual(80);
  });

  it('needs no store and makes none', async () => {
    expect((await place.run('--help')).code).toBe(0);
    expect((await place.run('--version')).out).toBe('undertext 0.1.0\n');
    expect(existsSync(place.store)).toBe(false);
    rmSync(place.store, { recursive: true, force: true });
  });
});

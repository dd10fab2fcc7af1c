/** A stranger's rule, written from `rules/README.md` alone, through the built program; and every way in which one is wrong. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Place } from './helpers/program.ts';

const twins = `import { clock, glob } from 'undertext/rule';

const isSkill = glob('skills/*/SKILL.md');

export default {
  id: 'twin-skills',
  summary: 'Two skills came to have the same description, and which of them is loaded is chance.',
  severity: 'medium',
  options: { allowed: [] },

  async checkFolder(folder, { units, options, ignores, isFirstLook }) {
    if (folder.path !== 'skills') return [];
    const findings = [];
    const known = new Map();
    for (const file of folder.files) {
      const newest = file.versions.at(-1);
      if (!isSkill(file.path) || newest.kind !== 'file' || options.allowed.includes(file.path)) continue;
      const field = (await units(newest)).find(unit => unit.kind === 'field' && unit.name === 'description');
      if (!field || (await ignores(file))) continue;
      const twin = known.get(field.fingerprint);
      known.set(field.fingerprint, file);
      if (!twin) continue;
      const [first, later] = [twin, file].sort((a, b) => a.versions.at(-1).at - b.versions.at(-1).at);
      const cause = later.versions.at(-1);
      findings.push({
        path: later.path,
        message: \`it says the same of itself as \${first.path} since \${clock(cause.at)}\`,
        certainty: 'likely',
        lost: null,
        cause: isFirstLook(cause) ? null : cause,
        base: null,
        units: [field],
        evidence: [field.text],
        related: [first.path],
        advice: 'say in one of them what it is for and the other is not',
        standing: true,
      });
    }
    return findings;
  },
};
`;

const skill = (name: string, description: string) => `---\nname: ${name}\ndescription: ${description}\n---\n\nText.\n`;
const inPage = (text: string) => text.trimEnd().replaceAll(/^(?=.)/gm, '  ');
const page = `# twin-skills

\`\`\`story a skill is copied
09:00:00 skills/pdf/SKILL.md
${inPage(skill('pdf', 'reads papers'))}
09:05:00 skills/long/SKILL.md
${inPage(skill('long', 'reads papers'))}
likely medium: description
\`\`\`

\`\`\`story two of a kind that say so
09:00:00 skills/pdf/SKILL.md
${inPage(skill('pdf', 'reads papers'))}
09:05:00 skills/long/SKILL.md
${inPage(skill('long', 'reads long papers'))}
quiet
\`\`\`
`;

let place: Place;
let folder: string;
beforeEach(() => {
  place = new Place({ 'skills/a/SKILL.md': skill('a', 'reads'), 'skills/b/SKILL.md': skill('b', 'writes') });
  folder = join(place.folder, 'mine');
  mkdirSync(folder);
});
afterEach(() => place.remove());

/** Since undertext looks: what was so before is no news. */
const becomeTwins = async () => {
  await place.run('snapshot');
  place.write('skills/b/SKILL.md', skill('b', 'reads'));
};
const put = (name: string, text: string) => writeFileSync(join(folder, name), text);
const configure = (text: string) => {
  mkdirSync(join(place.folder, 'config/undertext'), { recursive: true });
  writeFileSync(join(place.folder, 'config/undertext/config.json'), text);
};
const audit = async (...words: string[]) => {
  const { code, out, err } = await place.run('audit', '--json', '--all', ...words);
  const report = out === '' ? null : JSON.parse(out);
  const told = code === 2 ? JSON.parse(err).error : null;
  const text = told ? `${told.message}\nhint: ${told.hint}` : err;
  return {
    code,
    err: text,
    said: report?.incidents.map((each: { path: string }) => each.path),
    failed: report?.failedRules,
  };
};

describe('a rule of a stranger', () => {
  beforeEach(becomeTwins);

  it('is tested by its page, listed, shown, and looks beside the built-in ones', async () => {
    put('twin-skills.mjs', twins);
    put('twin-skills.md', page);
    const tested = await place.run('rules', '--test', 'mine/twin-skills.md');
    expect(tested).toMatchObject({ code: 0, err: '' });
    expect(tested.out.split('\n').slice(1)).toEqual([
      '  passed  a skill is copied',
      '  passed  two of a kind that say so',
      '',
      '2 examples passed',
      '',
    ]);
    expect((await place.run('rules', '--rules', 'mine')).out).toContain(
      `allowed []\n${' '.repeat(13)}yours: ${folder}`,
    );
    expect((await place.run('rules', 'twin-skills', '--rules', 'mine')).out).toContain('example: a skill is copied');
    expect(await audit()).toMatchObject({ code: 0 });
    expect(await audit('--rules', 'mine')).toMatchObject({ code: 1, err: '', said: ['skills/b/SKILL.md'], failed: [] });
  });

  it('is named in the configuration, relative to it and to the home, and once where it is named twice', async () => {
    put('twin-skills.mjs', twins);
    const twoWays = '{ "rulesFolders": ["../../mine", "~/mine"] }';
    configure(twoWays);
    expect(await audit('--rules', 'mine')).toMatchObject({ code: 1, err: '' });
    configure('{ "rulesFolders": ["~/mine"], "rules": { "twin-skills": { "allowed": ["skills/a/SKILL.md"] } } }');
    expect(await audit()).toMatchObject({ code: 0, err: '' });
    const listed = JSON.parse((await place.run('rules', '--json')).out);
    expect(listed.rules.at(-1).options).toEqual([
      { name: 'allowed', value: ['skills/a/SKILL.md'], default: [], changed: true },
    ]);
    configure('{ "rulesFolders": ["~/mine"], "rules": { "twin-skills": false } }');
    expect(await audit()).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse((await place.run('rules', '--json')).out).rules.at(-1)).toMatchObject({ state: 'off' });
  });

  it('may share code in a folder below, have tests beside it, and be linked', async () => {
    mkdirSync(join(folder, 'lib'));
    put('lib/rule.mjs', twins);
    put('twin-skills.mjs', "export { default } from './lib/rule.mjs';");
    put('twin-skills.test.mjs', 'throw new Error("never loaded");');
    put('twin-skills.d.ts', 'never loaded');
    symlinkSync(folder, join(place.folder, 'link'));
    expect(await audit('--rules', 'link')).toMatchObject({ code: 1, err: '' });
  });

  it('written in TypeScript is read where this Node does so, and else refused with what to do', async () => {
    put('twin-skills.ts', twins.replace('export default {', "const id: string = 'twin-skills';\nexport default {"));
    const { code, err } = await audit('--rules', 'mine');
    if ((process.features as { typescript?: unknown }).typescript) expect([code, err]).toEqual([1, '']);
    else expect([code, err]).toEqual([2, expect.stringContaining('compile it to .js, which is then taken instead')]);
    put('twin-skills.js', twins);
    expect(await audit('--rules', 'mine')).toMatchObject({ code: 1, err: '' });
  });
});

describe('a rule that a compiler made CommonJS of', () => {
  const compiled = (source: string) =>
    `"use strict";\nObject.defineProperty(exports, "__esModule", { value: true });\n${source.replace('export default', 'exports.default =')}`;
  const bare =
    "export default { id: 'mine', summary: 'x.', severity: 'low', options: {}, async checkPath() { throw new Error('asked'); } };";
  beforeEach(becomeTwins);

  it.each([
    ['with its mark', compiled(bare)],
    ['without', bare.replace('export default', 'exports.default =')],
    ['as the module itself', bare.replace('export default', 'module.exports =')],
  ])('%s', async (_, source) => {
    put('package.json', '{ "type": "commonjs" }');
    put('x.js', source);
    const { code, failed } = await audit('--rules', 'mine');
    expect(code).toBe(3);
    expect(failed[0]).toMatchObject({ rule: 'mine', message: expect.stringMatching(/^asked \(x\.js:\d\)$/) });
  });

  it('and that asks for undertext/rule is read, or told how to compile it', async () => {
    put('package.json', '{ "type": "commonjs" }');
    put('twin-skills.js', compiled(twins.replace(/^import .*/, "const { clock, glob } = require('undertext/rule');")));
    const { code, err } = await audit('--rules', 'mine');
    if (code === 1) expect(err).toBe('');
    else expect([code, err]).toEqual([2, expect.stringContaining('gives `undertext/rule` to ES modules only: ')]);
  });

  it('but is an ES module all the same: how to say so', async () => {
    put('package.json', '{ "type": "commonjs" }');
    put('twin-skills.js', twins);
    const { code, err } = await place.run('audit', '--rules', 'mine');
    expect([code, err]).toEqual([
      2,
      expect.stringContaining('\nhint: name it .mjs, or set "type": "module" in the package.json beside it'),
    ]);
  });
});

describe('a wrong one is refused by file, property and value', () => {
  const rule = (more: string) => `export default { id: 'mine', summary: 'x.', severity: 'low', options: {}, ${more} };`;
  it.each([
    ['no default export', 'export const rule = {};', 'mine/x.mjs: the default export is missing, not a rule'],
    ['a wrong value', "export default { id: 'Mine' };", 'mine/x.mjs: `id` is "Mine", but must be words in lower case'],
    ['a wrong number', 'export default { id: 7n };', 'mine/x.mjs: `id` is a bigint, but must be words'],
    ['a stranger', rule('check() {}'), 'mine/x.mjs: `check` (a function) is no property of a rule'],
    ['a module that throws', "throw new Error('no');", 'mine/x.mjs cannot be loaded: no'],
    ['a module that is none', 'export default {', 'mine/x.mjs cannot be loaded: '],
    ['a missing package', "import 'not-there-at-all';", "mine/x.mjs cannot be loaded: Cannot find package 'not-there-"],
    [
      'the id of a built-in one',
      "export default { id: 'lost-update', summary: 'x.', severity: 'low', options: {}, checkPath: async () => [] };",
      'mine/x.mjs: `id` is "lost-update", but there is a rule of that name already, built in',
    ],
  ])('%s', async (_, source, message) => {
    put('x.mjs', source);
    const { code, out, err } = await place.run('audit', '--rules', 'mine');
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(`error: ${place.folder}/${message}`);
    expect(err).toMatch(/\nhint: ./);
  });

  it.each([
    ['a typing error', "export default {\n  id: 'x',\n  sum mary\n};", `x.mjs\` shows the line`],
    [
      'another entry',
      "import { clock } from 'undertext/rul';",
      '`undertext/rule` is the only entry: import from there',
    ],
    [
      'the package itself',
      "import { clock } from 'undertext';",
      '`undertext/rule` is the only entry: import from there',
    ],
    ['no such function', "import { clok } from 'undertext/rule';", 'rules/README.md lists what `undertext/rule` has'],
    ['a package', "import 'not-there';", 'only `undertext/rule` is there by itself: '],
    ['what throws', "\n\nthrow new Error('no');", 'cannot be loaded: no (x.mjs:3)'],
  ])('what to do: %s', async (_, source, hint) => {
    put('x.mjs', source);
    expect(await audit('--rules', 'mine')).toMatchObject({ code: 2, err: expect.stringContaining(hint) });
  });

  it('the same rule from two folders', async () => {
    put('x.mjs', twins);
    mkdirSync(join(place.folder, 'copy'));
    writeFileSync(join(place.folder, 'copy/x.mjs'), twins);
    configure('{ "rulesFolders": ["~/copy"] }');
    expect(await audit('--rules', 'mine')).toMatchObject({
      code: 2,
      err: expect.stringContaining('hint: it is the same rule from two folders: leave one out'),
    });
    writeFileSync(join(place.folder, 'copy/x.mjs'), `${twins}\n// another\n`);
    expect(await audit('--rules', 'mine')).toMatchObject({ code: 2, err: expect.stringContaining('another id') });
  });

  it('two of one id', async () => {
    put('one.mjs', twins);
    put('two.mjs', twins);
    expect(await audit('--rules', 'mine')).toMatchObject({
      code: 2,
      err: expect.stringContaining(
        `two.mjs: \`id\` is "twin-skills", but there is a rule of that name already, in ${folder}`,
      ),
    });
  });

  it.each([
    ['a folder that is not there', '{\n "rulesFolders": ["./no"] }', 'config.json:2: the folder of rules '],
    ['a file', '{ "rulesFolders": ["./config.json"] }', 'config.json is a file, not a folder'],
    [
      'an option of another type',
      '{ "rulesFolders": ["~/mine"], "rules": { "twin-skills": { "allowed": "x" } } }',
      '"rules.twin-skills.allowed" is "x", but must be an array',
    ],
    [
      'an option that is none',
      '{ "rulesFolders": ["~/mine"], "rules": { "twin-skills": { "alowed": [] } } }',
      '"rules.twin-skills.alowed" is no option\nhint: did you mean allowed?',
    ],
  ])('in the configuration: %s', async (_, text, message) => {
    put('twin-skills.mjs', twins);
    configure(text);
    expect(await audit()).toMatchObject({ code: 2, err: expect.stringContaining(message) });
  });

  it('a folder that --rules names and is not there', async () => {
    const { code, err } = await place.run('rules', '--rules', 'nowhere');
    expect([code, err]).toEqual([
      2,
      expect.stringContaining(`--rules: the folder of rules ${place.folder}/nowhere is not there`),
    ]);
  });
});

describe('one that fails while it looks is told with its path, and silences nobody', () => {
  beforeEach(becomeTwins);

  it.each([
    ['throws', "throw new Error('no idea')", 'no idea'],
    ['throws no error', "throw 'no idea'", 'no idea'],
    ['returns nothing', '', 'it returned missing, but must return a list of findings'],
    ['returns what is no finding', 'return [7]', 'it returned 7 as a finding'],
    [
      'returns a finding without evidence',
      "return [{ path: 'a', message: 'm', certainty: 'likely', lost: null, cause: null, base: null, units: [] }]",
      '`evidence` of a finding is missing, but must be a list of texts',
    ],
    [
      'says two lines',
      "return [{ path: 'a', message: 'one\\ntwo', certainty: 'likely' }]",
      '`message` of a finding is "one\\ntwo", but must be one line of text',
    ],
    [
      'is surer than anybody',
      "return [{ path: 'a', message: 'm', certainty: 'sure' }]",
      "`certainty` of a finding is \"sure\", but must be 'proven', 'likely' or 'possible'",
    ],
  ])('%s', async (_, body, message) => {
    put('twin-skills.mjs', twins);
    put(
      'wrong.mjs',
      `export default { id: 'wrong', summary: 'x.', severity: 'low', options: {}, async checkPath() { ${body} } };`,
    );
    const { code, said, failed } = await audit('--rules', 'mine');
    expect(code).toBe(3);
    expect(said).toEqual(['skills/b/SKILL.md']);
    expect(failed).toContainEqual({
      rule: 'wrong',
      path: 'skills/a/SKILL.md',
      message: expect.stringContaining(message),
    });
  });

  it('says in which line of its own it threw, also where that is in what rules share', async () => {
    mkdirSync(join(folder, 'lib'));
    put('lib/deep.mjs', "\nexport const deep = () => {\n  throw new TypeError('too deep');\n};\n");
    put(
      'wrong.mjs',
      "import { deep } from './lib/deep.mjs';\nexport default { id: 'wrong', summary: 'x.', severity: 'low', options: {},\n  async checkPath(file, { text }) {\n    if (file.path.includes('/a/')) deep();\n    return await text(null);\n  },\n};\n",
    );
    const { failed } = await audit('--rules', 'mine');
    expect(failed).toContainEqual({ rule: 'wrong', path: 'skills/a/SKILL.md', message: 'too deep (lib/deep.mjs:3)' });
    const other = failed.find((each: { path: string }) => each.path === 'skills/b/SKILL.md');
    expect(other.message).toMatch(/ \(wrong\.mjs:5\)$/);
  });

  it('leaves a promise behind that fails: could not finish, never 1, which would mean open incidents', async () => {
    put(
      'x.mjs',
      "export default { id: 'x', summary: 'x.', severity: 'low', options: {}, async checkPath() { Promise.reject(new Error('left behind')); return []; } };",
    );
    const { code, err } = await place.run('audit', '--rules', 'mine');
    expect([code, err]).toEqual([3, expect.stringContaining('error: undertext stumbled: left behind\nhint: ')]);
  });

  it('is a failed example of its page', async () => {
    put('x.js', "export default { id: 'x', summary: 'x.', severity: 'low', options: {}, checkPath() { throw 'up' } };");
    put('x.md', '```story nothing\n09:00:00 a.md\n  one\n09:01:00 a.md\n  two\nquiet\n```\n');
    const { code, out } = await place.run('rules', '--test', 'mine/x.js', '--json');
    expect([code, JSON.parse(out).stories[0]]).toMatchObject([1, { passed: false, failure: 'up' }]);
  });
});

describe('rules --test', () => {
  it('says of a page that lies what was expected and what came', async () => {
    put('twin-skills.mjs', twins);
    put('twin-skills.md', page.replace('likely medium: description', 'quiet').replace('long papers', 'papers'));
    const { code, out } = await place.run('rules', '--test', 'mine/twin-skills.mjs');
    expect(code).toBe(1);
    const told = [
      '          expected  quiet',
      '          got       likely medium: description',
      '                      skills/long/SKILL.md: it says the same of itself as skills/pdf/SKILL.md since 09:05:00',
      '                      - description: reads papers',
    ];
    expect(out.split('\n').slice(1, 11)).toEqual([
      '  failed  a skill is copied',
      ...told,
      '  failed  two of a kind that say so',
      ...told,
    ]);
    expect(out).toContain('2 of 2 examples failed');
  });

  it('gives a story the options that it asks for, as the configuration would', async () => {
    put('twin-skills.mjs', twins);
    const allowed = (options: string) =>
      page
        .replace('```story a skill is copied\n', `$&options ${options}\n`)
        .replace('likely medium: description', 'quiet');
    put('twin-skills.md', allowed('{ "allowed": ["skills/long/SKILL.md"] }'));
    expect(await place.run('rules', '--test', 'mine/twin-skills.md')).toMatchObject({ code: 0, err: '' });
    for (const [options, message] of [
      [
        '{ "alowed": [] }',
        'the story "a skill is copied": "rules.twin-skills.alowed" is no option\nhint: did you mean ',
      ],
      ['{ "allowed": 7 }', '"rules.twin-skills.allowed" is 7, but must be an array'],
      ['{ allowed }', 'the story "a skill is copied": its options are no object of JSON: { allowed }'],
      ['7', 'its options are no object of JSON: 7'],
    ] as const) {
      put('twin-skills.md', allowed(options));
      const { code, err } = await place.run('rules', '--test', 'mine/twin-skills.md');
      expect([code, err]).toEqual([2, expect.stringContaining(message)]);
    }
  });

  it('says of what came that an audit would only count it', async () => {
    put(
      'x.mjs',
      "export default { id: 'x', summary: 'x.', severity: 'low', options: {}, async checkPath({ path }) { return [{ path, message: 'it is so', certainty: 'likely', lost: null, cause: null, base: null, units: [], evidence: [] }]; } };",
    );
    put('x.md', '```story old\n09:00:00 a.md (found)\n  one\nquiet\n```\n');
    const { code, out } = await place.run('rules', '--test', 'mine/x.md');
    expect([code, out]).toEqual([
      1,
      expect.stringContaining('a.md: it is so (an audit only counts it: it was so at the first look)\n'),
    ]);
  });

  it.each([
    ['no such file', 'mine/none.md', 'there is no file '],
    ['another file', '.claude/skills', 'is neither a page nor a rule'],
    ['a page without a rule', 'mine/alone.md', 'there is no rule beside '],
    ['a rule without a page', 'mine/twin-skills.mjs', 'there is no page beside '],
    ['a page without examples', 'mine/empty.md', 'empty.md has no examples'],
    [
      'a page with a wrong line',
      'mine/odd.md',
      'odd.md: the story "one": no line of a story is like this: nine o\'clock',
    ],
  ])('%s is wrong usage', async (_, path, message) => {
    put('twin-skills.mjs', twins);
    put('alone.md', page);
    for (const name of ['empty', 'odd']) put(`${name}.mjs`, twins);
    put('empty.md', '# empty\n');
    put('odd.md', "```story one\nnine o'clock\nquiet\n```\n");
    const { code, out, err } = await place.run('rules', '--test', path);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(message);
    expect(err).toMatch(/\nhint: ./);
  });
});

it('rules that do not exist: the one that was meant is named', async () => {
  const { code, err } = await place.run('rules', 'lost-sektion');
  expect([code, err]).toEqual([
    2,
    'error: there is no rule "lost-sektion"\nhint: did you mean `undertext rules lost-section`?\n',
  ]);
});

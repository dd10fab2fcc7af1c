import { describe, expect, it } from 'vitest';
import { isCut, markOf, textOf } from '../../rules/broken-file/bytes.ts';
import brokenFile from '../../rules/broken-file.ts';
import { testRule } from '../helpers/rule-tests.ts';
import type { Step } from '../helpers/stories.ts';
import { audit, inShort, noon } from '../helpers/stories.ts';

/** `[seconds, path, text]`; null is a deletion. */
type Line = readonly [seconds: number, path: string, text: string | null, how?: Step['how']];

const told = (lines: readonly Line[]): readonly Step[] =>
  lines.map(([seconds, path, text, how = 'event']) => ({ path, at: noon + seconds * 1000, text, how }));

const settings = 'settings.json';
const state = '../.claude.json';
const notes = 'projects/x/memory/notes.md';
const skill = 'skills/tidy/SKILL.md';
const log = 'projects/x/1.jsonl';

const json = (value: unknown) => `${JSON.stringify(value, undefined, 2)}\n`;
const full = json({ model: 'opus', env: { A: '1', B: '2' } });
const fields = '---\nname: tidy\ndescription: Tidies up.\n---\n\nTidy.\n';
const text = '# Notes\n\n- a buffer is never shared\n- the emitter fires twice\n- rules know no disk\n';
const much = `${text}\n${'One more sentence about buffers. '.repeat(10)}\n`;
const large = json({
  numStartups: 214,
  theme: 'dark',
  projects: Object.fromEntries(
    [...Array(40).keys()].map(n => [`/home/me/p${n}`, { allowedTools: ['Bash(ls)'], hasTrustDialogAccepted: true }]),
  ),
});
const record = (n: number) => `${JSON.stringify({ n, said: `number ${n}` })}\n`;
const records = (...ns: readonly number[]) => ns.map(record).join('');
const merge = (ours: string, theirs: string) => `<<<<<<< HEAD\n${ours}=======\n${theirs}>>>>>>> other\n`;

const caught: readonly (readonly [title: string, lines: readonly Line[], said: readonly string[]])[] = [
  [
    'a restore was undone, and it is cut as before',
    [
      [0, settings, full],
      [60, settings, full.slice(0, 30)],
      [120, settings, full, 'restore'],
      [180, settings, full.slice(0, 30), 'restore'],
    ],
    ['likely high: env'],
  ],
  [
    'settings are emptied',
    [
      [0, settings, full],
      [60, settings, ''],
    ],
    ['likely high: model, env'],
  ],
  [
    'a long text is emptied',
    [
      [0, notes, much],
      [60, notes, '\n'],
    ],
    ['likely high: Notes'],
  ],
  [
    'a short text is emptied',
    [
      [0, notes, text],
      [60, notes, ''],
    ],
    ['possible medium: Notes'],
  ],
  [
    'nothing but NUL is left',
    [
      [0, settings, full],
      [60, settings, '\0'.repeat(90)],
    ],
    ['likely high: model, env'],
  ],
  [
    'NUL stands where the end was',
    [
      [0, notes, text],
      [60, notes, `${text.slice(0, 60)}${'\0'.repeat(40)}`],
    ],
    ['likely high: the emitter fires twice, rules know no disk'],
  ],
  [
    'NUL is added, and nothing is missing',
    [
      [0, notes, text],
      [60, notes, `${text}\0\0`],
    ],
    ['likely high: notes.md'],
  ],
  [
    'JSON is cut short',
    [
      [0, settings, full],
      [60, settings, full.slice(0, 40)],
    ],
    ['likely high: env'],
  ],
  [
    'JSON has a comment where none may be',
    [
      [0, settings, full],
      [60, settings, full.replace('{', '{ // mine')],
    ],
    ['likely high: settings.json'],
  ],
  [
    'JSON has a comma at its end where none may be',
    [
      [0, settings, full],
      [60, settings, full.replace('"2"', '"2",')],
    ],
    ['likely high: settings.json'],
  ],
  [
    'JSON stays invalid through more writes',
    [
      [0, settings, full],
      [60, settings, full.slice(0, 40)],
      [120, settings, full.slice(0, 20)],
    ],
    ['likely high: env'],
  ],
  [
    'settings with a byte order mark',
    [
      [0, settings, full],
      [60, settings, `\uFEFF${full}`],
    ],
    ['likely high: settings.json'],
  ],
  [
    'a skill with a byte order mark',
    [
      [0, skill, fields],
      [60, skill, `\uFEFF${fields}`],
    ],
    ['likely medium: SKILL.md'],
  ],
  [
    'a stub in place of the state',
    [
      [0, state, large],
      [60, state, '{"numStartups":1,"installMethod":"native","autoUpdates":false}'],
    ],
    ['likely high: numStartups, theme, projects'],
  ],
  [
    'a stub in place of the state, and it grew a little',
    [
      [0, state, large],
      [60, state, '{"numStartups":1}'],
      [90, state, '{"numStartups":2,"theme":"light"}'],
    ],
    ['likely high: numStartups, theme, projects'],
  ],
  [
    'nothing in place of settings',
    [
      [0, settings, large],
      [60, settings, '{}\n'],
    ],
    ['possible high: numStartups, theme, projects'],
  ],
  [
    'a text ends within a line',
    [
      [0, notes, much],
      [60, notes, much.slice(0, 50)],
    ],
    [
      'likely high: the emitter fires twice, rules know no disk, One more sentence about buffers. One more sentence about…',
    ],
  ],
  [
    'a text was cut, and more was added behind the cut',
    [
      [0, notes, much],
      [60, notes, much.slice(0, 50)],
      [120, notes, `${much.slice(0, 50)}\n- more\n`],
    ],
    [
      'likely high: the emitter fires twice, rules know no disk, One more sentence about buffers. One more sentence about…',
    ],
  ],
  [
    'a merge that nobody finished',
    [
      [0, notes, text],
      [60, notes, text.replace('- the emitter fires twice\n', m => merge(m, '- the emitter fires once\n'))],
    ],
    ['likely high: notes.md'],
  ],
  [
    'a record was cut, and others follow',
    [
      [0, log, records(1, 2)],
      [60, log, `${records(1, 2)}{"n": 3, "sa\n`],
      [120, log, `${records(1, 2)}{"n": 3, "sa\n${records(4, 5)}`],
    ],
    ['likely medium: 1.jsonl'],
  ],
  [
    'NUL between records',
    [
      [0, log, records(1, 2)],
      [60, log, `${records(1, 2)}${'\0'.repeat(300)}\n${records(3, 4)}`],
    ],
    ['likely medium: 1.jsonl'],
  ],
];

const quiet: readonly (readonly [title: string, lines: readonly Line[]])[] = [
  [
    'it was never whole',
    [
      [0, settings, '{"a": '],
      [60, settings, '{"a": 1'],
    ],
  ],
  [
    'it is whole again',
    [
      [0, settings, full],
      [60, settings, full.slice(0, 40)],
      [120, settings, full],
    ],
  ],
  [
    'it was empty for a moment',
    [
      [0, settings, full],
      [60, settings, ''],
      [61, settings, json({ model: 'x' })],
    ],
  ],
  [
    'it was emptied and filled anew',
    [
      [0, notes, much],
      [60, notes, ''],
      [900, notes, '# New\n'],
    ],
  ],
  [
    'an inbox that is emptied each time',
    [
      [0, notes, ''],
      [60, notes, much],
      [900, notes, ''],
    ],
  ],
  [
    'what was emptied moved elsewhere',
    [
      [0, notes, much],
      [60, 'projects/x/memory/voices.md', much],
      [65, notes, ''],
    ],
  ],
  [
    'a placeholder',
    [
      [0, 'skills/x/.gitkeep', 'x\n'],
      [60, 'skills/x/.gitkeep', ''],
    ],
  ],
  [
    'comments where they may be',
    [
      [0, 'tools/x.json', '{"a": 1}\n'],
      [60, 'tools/x.json', '{ // mine\n"a": 1,\n}\n'],
    ],
  ],
  [
    'undertext put it back so',
    [
      [0, settings, full],
      [60, settings, '{"a": ', 'restore'],
    ],
  ],
  [
    'a text with a byte order mark that nobody minds',
    [
      [0, 'notes.md', text],
      [60, 'notes.md', `\uFEFF${text}`],
    ],
  ],
  [
    'it had a byte order mark from the start',
    [
      [0, skill, `\uFEFF${fields}`],
      [60, skill, `\uFEFF${fields}More.\n`],
    ],
  ],
  [
    'the last lines are deleted',
    [
      [0, notes, much],
      [60, notes, text],
    ],
  ],
  [
    'the end of the last line is deleted',
    [
      [0, notes, text],
      [60, notes, text.slice(0, -18)],
    ],
  ],
  [
    'the last lines are deleted by who ends no file with a line end',
    [
      [0, notes, much],
      [60, notes, text.slice(0, -1)],
    ],
  ],
  [
    'a text was cut, and mended by hand',
    [
      [0, notes, much],
      [60, notes, much.slice(0, 50)],
      [120, notes, text.replace('twice', '2 times')],
    ],
  ],
  [
    'a state that was filled again',
    [
      [0, state, large],
      [60, state, '{"numStartups":1}'],
      [900, state, large.replace('dark', 'light')],
    ],
  ],
  [
    'settings that get few keys of their own',
    [
      [0, settings, large],
      [60, settings, '{"model": "opus"}'],
    ],
  ],
  [
    'a text about merging',
    [
      [0, notes, text],
      [60, notes, `${text}\nA conflict looks so:\n\n${merge('a\n', 'b\n')}`],
    ],
  ],
  [
    'marks in a fence',
    [
      [0, notes, text],
      [60, notes, `${text}\n\`\`\`\n${merge('# Notes\n', 'b\n')}\`\`\`\n`],
    ],
  ],
  [
    'a heading underlined, a quote within a quote',
    [
      [0, notes, text],
      [60, notes, `Title\n=======\n\n>>>>>>> deep\n`],
    ],
  ],
  [
    'the last record is still being written',
    [
      [0, log, records(1, 2, 3)],
      [60, log, `${records(1, 2, 3)}{"n": 4, "s`],
    ],
  ],
  [
    'a log of plain lines',
    [
      [0, 'x.jsonl', '1\n'],
      [60, 'x.jsonl', '1\ntwo\nthree\nfour\n'],
    ],
  ],
  [
    'a record was torn before anybody looked',
    [
      [0, log, `{"n": \n${records(2, 3, 4)}`],
      [60, log, `{"n": \n${records(2, 3, 4, 5)}`],
    ],
  ],
  [
    'it is gone',
    [
      [0, settings, full],
      [60, settings, null],
    ],
  ],
];

const german = '# Grüße\n\nDie Straße ist für alle.\n\n- Käse – ein Stück\n- Öl\nplain\n';
const ascii = (sign: string) => german.replace(/[^\0-\x7f]/gu, sign);
/** UTF-8 read as Windows-1252; some versions of Node read that label as Latin-1. */
const windows = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';
const misread = (said: string) =>
  Buffer.from(said)
    .toString('latin1')
    .replace(/[\x80-\x9f]/g, byte => windows[byte.charCodeAt(0) - 128]!);
const house = '# House\n\nRead this first.\n\n## Reporting\n\n- name the file\n- name the step\n- say who\n';
const flat = `${house.trim().replaceAll(/\s+/g, ' ')}\n`;
const facts = (said: string) =>
  [1, 2, 3, 4, 5].map(id => `${JSON.stringify({ id, said: said && `${said} ${id}` })}\n`).join('');

const spoilt: typeof caught = [
  [
    'letters became U+FFFD',
    [
      [0, notes, german],
      [60, notes, ascii('\ufffd')],
    ],
    ['likely high: Grüße'],
  ],
  [
    'letters became question marks',
    [
      [0, notes, german],
      [60, notes, ascii('?')],
    ],
    ['likely high: Grüße'],
  ],
  [
    'UTF-8 was read as Windows-1252, twice, and more was added',
    [
      [0, notes, german],
      [60, notes, misread(german)],
      [120, notes, `${misread(misread(german))}- more\n`],
    ],
    ['likely high: Grüße'],
  ],
  [
    'one letter became U+FFFD in a long text',
    [
      [0, notes, `${german}${much}${much}`],
      [60, notes, `${german.replace('Straße', 'Stra\ufffde')}${much}${much}`],
    ],
    ['likely medium: Die Straße ist für alle.'],
  ],
  [
    'a NUL within a line, and nothing else',
    [
      [0, notes, `${german}${text}`],
      [60, notes, `${german}${text.replace('emitter', 'emi\0ter')}`],
    ],
    ['likely medium: the emitter fires twice'],
  ],
  [
    'a member of JSON lost its letters',
    [
      [0, 'tools/x.json', json({ who: 'Käthe', a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7, h: 8, i: 9 })],
      [60, 'tools/x.json', json({ who: 'K?the', a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7, h: 8, i: 9 })],
    ],
    ['likely high: who'],
  ],
  [
    'one line that was misread beside others that stand',
    [
      [0, notes, `${german}${much}${much}`],
      [60, notes, `${german.replace('- Öl', '- Ã–l')}${much}${much}`],
    ],
    ['possible medium: Öl plain'],
  ],
  [
    'records that were emptied',
    [
      [0, 'memory/facts.ndjson', facts('a fact to keep')],
      [60, 'memory/facts.ndjson', facts('')],
    ],
    [
      'likely high: {"id":1,"said":"a fact to keep 1"}, {"id":2,"said":"a fact to keep 2"}, {"id":3,"said":"a fact to keep 3"}, {"id":4,"said":"a fact to keep 4"}, {"id":5,"said":"a fact to keep 5"}',
    ],
  ],
  [
    'Markdown lost its line ends',
    [
      [0, notes, house],
      [60, notes, flat],
      [120, notes, `${flat}\n- more\n`],
    ],
    ['likely high: House'],
  ],
  [
    'a restore of damaged text was undone',
    [
      [0, notes, german],
      [60, notes, ascii('?')],
      [120, notes, german, 'restore'],
      [180, notes, ascii('?'), 'restore'],
    ],
    ['likely high: Grüße'],
  ],
];

const unspoilt: typeof quiet = [
  [
    'it is mended',
    [
      [0, notes, german],
      [60, notes, ascii('?')],
      [120, notes, german],
    ],
  ],
  [
    'what was misread is put right',
    [
      [0, notes, misread(german)],
      [60, notes, german],
    ],
  ],
  [
    'the damaged lines were written anew',
    [
      [0, notes, `${german}${text}`],
      [60, notes, `${ascii('?')}${text}`],
      [120, notes, text],
    ],
  ],
  [
    'a word without its accent',
    [
      [0, notes, `${german}- a naïve plan\n`],
      [60, notes, `${german}- a naive plan\n`],
    ],
  ],
  [
    'lines that are joined',
    [
      [0, notes, '# A\n\none\ntwo\nthree\nfour\n\n- five\n- six\n'],
      [60, notes, '# A\n\none two three four\n\n- five\n- six\n'],
    ],
  ],
  [
    'a text that had its line ends back',
    [
      [0, notes, house],
      [60, notes, flat],
      [120, notes, house.replace('first', 'now')],
    ],
  ],
  [
    'undertext put it back so',
    [
      [0, notes, german],
      [60, notes, ascii('?'), 'restore'],
    ],
  ],
];

testRule({
  rule: brokenFile,
  told,
  caught: [...caught, ...spoilt],
  quiet: [...quiet, ...unspoilt],
  mutants: [
    ['damaged text is sound', 'const spoilt = await damaged(file, now, tools);', 'const spoilt: Finding[] = [];'],
    ['a NUL within a line is reported twice', 'spoilt.some(({ cause }) => cause?.id === finding.cause?.id)', 'false'],
    ['a text is misread once only', 'origins.get(text) ?? edit', 'edit'],
    ['damage stands for ever', 'if (standing.has(edit) ||', 'if (damage.lines.length > 0 ||'],
    ['what undertext put back is damage', " && after.how !== 'restore') found.push", ') found.push'],
    ['every line is as sure', "lines > 1 || kept === 0 || kind === 'control' || kind === 'replaced'", 'true'],
    ['little is much', 'lines >= MANY || lines * 10 >= of || isJsonFile(path)', 'true'],
    ['line ends that went do not matter', 'damage.flattened > 0 && (await', 'false && (await'],
    ['line ends never come back', '.flattened > 0) {', '.flattened >= 0) {'],
    ['what never was whole counts', 'if (!(await isSo(edit.before))) return edit', 'return edit'],
    ['an inbox is no inbox', 'version.seenAt < edit.before.seenAt && (await isEmpty(version))', 'false'],
    ['what moved is missing', "!isFormat && !removed.some(({ fate }) => fate === 'lost')", 'false'],
    ['comments are fine everywhere', 'return isStrict || ', 'return '],
    ['comments are fine nowhere', 'return isStrict || ', 'return true || '],
    [
      'everybody minds a byte order mark',
      'isJsonFile(file.path) || (hasFields(file.path) &&',
      'true || (hasFields(file.path) &&',
    ],
    ['a state is never filled again', 'if (now.size * 2 >= before.size || ', 'if ('],
    ['every little file is a stub', 'keys.length <= 5 &&', 'keys.length <= 5 ||'],
    ['every beginning was cut', 'return !endsLine || part', 'return true || part'],
    ['the end of a line is a cut', 'if (lineEnd < 0 || isBlank(rest.subarray(lineEnd))) return false;', ''],
    ['what was mended is still cut', 'if (!isThere || ', 'if ('],
    ['every example is a conflict', 'blocks.filter(block => isOf(block, before))', 'blocks'],
    ['fences are not seen', 'if (fence !== null) continue;', ''],
    ['plain lines are records', 'whole >= 3 && whole >= MOSTLY * (whole + torn.length)', 'true'],
    ['what was torn before counts', '!cause || cause === file.versions[0]', '!cause'],
    ['what was undone is no trouble', "edit.after.how === 'restore' && edit.before.how === 'restore'", 'false'],
    ['our own doing counts', "edit.after.how === 'restore' ? null : edit", 'edit'],
  ],
});

describe('broken-file', () => {
  it('says what to do, with the version that was whole', async () => {
    const { incidents } = await audit(
      told([
        [0, settings, full],
        [60, settings, `\uFEFF${full}`],
      ]),
      [brokenFile],
    );
    expect(incidents[0]!.advice).toBe(
      'take the first three bytes out: tail -c +4 FILE > FILE.new && mv FILE.new FILE, with FILE = settings.json',
    );
    expect(incidents[0]!.restore).toBe(null);
  });

  it('names the last whole version, also over many broken ones', async () => {
    const steps = told([
      [0, settings, full],
      [60, settings, full.slice(0, 40)],
      [120, settings, '{"a'],
    ]);
    const { incidents } = await audit(steps, [brokenFile]);
    expect(incidents.map(({ lost, cause }) => [lost?.at, cause?.at])).toEqual([[noon, noon + 60_000]]);
    expect(incidents[0]!.advice).toContain(`--at ${incidents[0]!.lost!.version}`);
  });

  it('is over when the file is whole again, whatever stands in it', async () => {
    const lines: readonly Line[] = [
      [0, settings, full],
      [60, settings, full.slice(0, 40)],
    ];
    const first = await audit(told(lines), [brokenFile]);
    expect(first.incidents.map(({ state }) => state)).toEqual(['open']);
    const mended = told([...lines, [600, settings, '{"model": "haiku"}\n']]);
    const { incidents } = await audit(mended, [brokenFile], { notes: first.notes });
    expect(incidents.map(({ state, closed }) => [state, closed])).toEqual([['resolved', 'it is in order again']]);
  });

  it('does not quote what it found, which may be a secret', async () => {
    const secret = json({ env: { TOKEN: 'not-for-your-eyes' } });
    const { incidents } = await audit(
      told([
        [0, settings, secret],
        [60, settings, secret.replace('":', '"')],
      ]),
      [brokenFile],
    );
    expect(JSON.stringify([incidents[0]!.message, incidents[0]!.findings])).not.toContain('eyes');
  });

  it('looks into larger logs when asked', async () => {
    const many = records(...Array(9_000).keys());
    const lines: readonly Line[] = [
      [0, log, many],
      [60, log, `${many}{"n\n${records(1, 2)}`],
    ];
    const options = { 'broken-file': { largestLog: 1_000_000 } };
    expect((await audit(told(lines), [brokenFile])).incidents).toEqual([]);
    expect((await audit(told(lines), [brokenFile], { options })).incidents.map(inShort)).toEqual([
      'likely medium: 1.jsonl',
    ]);
  });
});

describe('bytes', () => {
  const bytes = (text: string) => new TextEncoder().encode(text);

  it.each([
    ['UTF-8 with a mark', Uint8Array.of(0xef, 0xbb, 0xbf, 0x61), 'utf8', 'a'],
    ['UTF-16', Uint8Array.of(0xff, 0xfe, 0x61, 0), 'utf16', 'a'],
    ['an odd end is no UTF-16', Uint8Array.of(0xff, 0xfe, 0x61), null, '\ufffd\ufffda'],
    ['nothing', new Uint8Array(), null, ''],
  ] as const)('%s', (_, given, kind, said) => expect([markOf(given), textOf(given)]).toEqual([kind, said]));

  it('is cut within a character', () => {
    const whole = bytes('- über alles\n- one\n');
    expect(isCut(whole, whole.subarray(0, 3))).toBe(true);
  });

  it('is cut where a buffer ends', () => {
    const whole = bytes(`${'x'.repeat(4095)}\nmore\neven more\n`);
    expect(isCut(whole, whole.subarray(0, 4096))).toBe(true);
    expect(isCut(whole, whole.subarray(0, 4101))).toBe(false);
  });
});

/** What was wrong before anybody looked is counted, not told; and it stays so when a part of it is put in order. */
import { describe, expect, it } from 'vitest';
import brokenFile from '../../rules/broken-file.ts';
import { rules } from '../../rules/index.ts';
import { acceptNote } from '../../src/audit/ledger.ts';
import type { Incident } from '../../src/model.ts';
import type { Finding, Rule } from '../../src/rule.ts';
import { audit, noon, type Row, rows, story } from '../helpers/stories.ts';

const memory = 'projects/p/memory';
const index = `${memory}/MEMORY.md`;
const scan = { how: 'scan', after: 0 } as const;
const files = Array.from({ length: 12 }, (_, i) => `${memory}/note-${String.fromCharCode(97 + i)}.md`);
/** A home with twelve files that no line names, as a first scan finds it. */
const old: readonly Row[] = [
  [index, '# Memory\n\n- [start](start.md)\n', scan],
  [`${memory}/start.md`, 'start\n', scan],
  ...files.map((path): Row => [path, `${path}\n`, scan]),
];
const line = (path: string) => `- [x](${path.slice(memory.length + 1)})\n`;

const told = ({ incidents }: { readonly incidents: readonly Incident[] }) =>
  incidents.map(({ state, units, closed, baseline }) => [state, units.length, closed, baseline ?? false]);
const asItWas = 'it was so when undertext first looked';

describe('what was so at the first look', () => {
  it('is accepted, and booked nowhere', async () => {
    const first = await audit(rows(old), rules);
    expect(told(first)).toEqual([['accepted', 12, asItWas, true]]);
    expect(first.notes).toEqual([]);
  });

  it('is open without a baseline', async () => {
    const first = await audit(rows(old), rules, { hasBaseline: false });
    expect(told(first)).toEqual([['open', 12, null, false]]);
    expect(first.notes).toHaveLength(1);
  });

  it('may shrink: the other eleven are no news', async () => {
    const mended: readonly Row[] = [...old, [index, `# Memory\n\n- [start](start.md)\n${line(files[4]!)}`]];
    const after = await audit(rows(mended), rules);
    expect(told(after)).toEqual([['accepted', 11, asItWas, true]]);
    expect(after.notes).toEqual([]);
  });

  it('may shrink to nothing, and nothing is told of it', async () => {
    const all = `# Memory\n\n- [start](start.md)\n${files.map(line).join('')}`;
    const after = await audit(rows([...old, [index, all]]), rules);
    expect([told(after), after.notes]).toEqual([[], []]);
  });

  it('that was booked as open by an older version closes by itself', async () => {
    const before = await audit(rows(old), rules, { hasBaseline: false });
    const now = await audit(rows(old), rules, { notes: before.notes });
    expect(told(now)).toEqual([['accepted', 12, asItWas, true]]);
    const mended: readonly Row[] = [...old, [index, `# Memory\n\n- [start](start.md)\n${line(files[4]!)}`]];
    const after = await audit(rows(mended), rules, { notes: before.notes });
    expect(after.incidents.filter(({ state }) => state === 'open')).toEqual([]);
  });

  it('keeps the reason that a person gave', async () => {
    const [incident] = (await audit(rows(old), rules)).incidents;
    const { incidents } = await audit(rows(old), rules, { notes: [acceptNote(incident!, 'by design', noon)] });
    expect(incidents.map(({ state, closed, baseline }) => [state, closed, baseline])).toEqual([
      ['accepted', 'by design', undefined],
    ]);
  });
});

describe('what broke before the first look, by a write that imported versions enclose', () => {
  const entries = '{ "entries": ["one", "two"] }\n';
  const broken = `${entries}, "three" ] }\n`;

  it('is open', async () => {
    const known = rows([
      ['memory/errors.json', entries, { how: 'import' }],
      ['memory/errors.json', broken, { how: 'scan', after: 9e6 }],
    ]);
    expect(told(await audit(known, [brokenFile]))).toEqual([['open', 1, null, false]]);
  });

  it('is counted only where no version says that the file was in order once', async () => {
    const alone = rows([
      ['memory/errors.json', broken, { how: 'import' }],
      ['memory/errors.json', `${broken}\n`, { how: 'scan', after: 9e6 }],
    ]);
    expect(told(await audit(alone, [brokenFile]))).toEqual([]);
  });
});

describe('what was accepted, and shrinks', () => {
  const names = ['north', 'south', 'west'].map(name => `${memory}/${name}.md`);
  const burst: readonly Row[] = [...old.slice(0, 2), ...names.map((path): Row => [path, `${path}\n`])];
  const withLine = (...paths: readonly string[]): Row => [
    index,
    `# Memory\n\n- [start](start.md)\n${paths.map(line).join('')}`,
  ];

  it('stays accepted with its reason', async () => {
    const { incidents, notes } = await audit(rows(burst), rules);
    expect(incidents.map(({ state, units }) => [state, units.length])).toEqual([['open', 3]]);
    const ledger = [...notes, acceptNote(incidents[0]!, 'scratch files', noon)];
    const after = await audit(rows([...burst, withLine(names[2]!)]), rules, { notes: ledger });
    expect(
      after.incidents.filter(({ units }) => units.length === 2).map(({ state, closed }) => [state, closed]),
    ).toEqual([['accepted', 'scratch files']]);
    expect(after.incidents.filter(({ state }) => state === 'open')).toEqual([]);
  });

  it('does not cover what is new', async () => {
    const { incidents, notes } = await audit(rows(burst), rules);
    const ledger = [...notes, acceptNote(incidents[0]!, 'scratch files', noon)];
    const more: readonly Row[] = [...burst, [`${memory}/later.md`, 'later\n']];
    const after = await audit(rows(more), rules, { notes: ledger });
    expect(after.incidents.some(({ state }) => state === 'open')).toBe(true);
  });

  it('does not cover the same wrong done again', async () => {
    const shouts: Rule = {
      id: 'shouts',
      summary: 'It shouted.',
      severity: 'low',
      options: {},
      async checkPath({ path, edits }, tools) {
        const cause = edits.at(-1)?.after;
        const units = cause ? (await tools.units(cause)).filter(unit => unit.text.includes('LOUD')) : [];
        const nothing = { lost: null, base: null, evidence: [] };
        return cause && units.length > 0
          ? [{ path, message: 'loud', certainty: 'likely', cause, units, ...nothing }]
          : [];
      },
    };
    const lines = ['A: one', 'A: one LOUD'];
    const { incidents, notes } = await audit(story(lines), [shouts]);
    const ledger = [...notes, acceptNote(incidents[0]!, 'once', noon)];
    const again = await audit(story([...lines, 'A: two LOUD']), [shouts], { notes: ledger });
    expect(again.incidents.map(({ state }) => state)).toContain('open');
  });

  it('is another matter when nobody accepted it', async () => {
    const { notes } = await audit(rows(burst), rules);
    const after = await audit(rows([...burst, withLine(names[2]!)]), rules, { notes });
    expect(after.incidents.find(({ units }) => units.length === 2)?.state).toBe('open');
  });
});

describe('what came later is told', () => {
  it('a file beside the old ones', async () => {
    const later = await audit(rows([...old, [`${memory}/new.md`, 'new\n']]), rules);
    expect(later.incidents.map(({ state, units }) => [state, units.map(({ name }) => name)])).toContainEqual([
      'open',
      ['new.md'],
    ]);
    expect(told(later)).toContainEqual(['accepted', 12, asItWas, true]);
  });

  it('a loss that the first look itself shows: records tell of the text', async () => {
    const lost = await audit(story(['import: one two three four', 'scan: one']), rules);
    expect(lost.incidents.map(({ state }) => state)).toEqual(['open']);
  });

  it('a loss, whoever was first', async () => {
    const lost = await audit(story(['scan: one two', 'A: one two three', 'C: one two four']), rules);
    expect(lost.incidents.map(({ state }) => state)).toEqual(['open']);
  });

  it('a wrong that nobody knows the cause of, about what was not there then', async () => {
    const isLate = (path: string) => path.startsWith('late');
    const blames = (related: readonly string[]): Rule => ({
      id: 'blames',
      summary: 'It blamed.',
      severity: 'low',
      options: {},
      async checkPath(file) {
        const finding: Finding = {
          path: file.path,
          message: 'wrong',
          certainty: 'likely',
          lost: null,
          cause: null,
          base: null,
          units: [],
          evidence: [],
          related,
        };
        return file.path === 'a.md' ? [finding] : [];
      },
    });
    const steps = [...story(['scan: one'], 'a.md'), ...story(['scan: one'], 'b.md'), ...story(['A: x'], 'late.md')];
    const isFirstLook = ({ how, path }: { how: string; path: string }) => how === 'scan' && !isLate(path);
    const states = async (related: readonly string[]) =>
      (await audit(steps, [blames(related)], { isFirstLook })).incidents.map(({ state }) => state);
    expect(await states([])).toEqual(['accepted']);
    expect(await states(['b.md'])).toEqual(['accepted']);
    expect(await states(['never-seen.md'])).toEqual(['accepted']);
    expect(await states(['b.md', 'late.md'])).toEqual(['open']);
  });

  it('a file that records tell of, and that was first looked at later', async () => {
    const steps = rows([...old.slice(0, 2), [`${memory}/told.md`, 'told\n', { how: 'import' }]]);
    const seen = rows([[`${memory}/told.md`, 'told\nmore\n', { how: 'scan', after: 40_000 }]], noon + 600_000);
    const isFirstLook = ({ seenAt }: { seenAt: number }) => seenAt < noon + 60_000;
    const late = await audit([...steps, ...seen], rules, { isFirstLook });
    expect(late.incidents.map(({ state }) => state)).toEqual(['open']);
  });
});

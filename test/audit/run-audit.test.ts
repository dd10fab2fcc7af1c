import { describe, expect, it } from 'vitest';
import { rules } from '../../rules/index.ts';
import { acceptNote, ledgerOf } from '../../src/audit/ledger.ts';
import type { AuditCache } from '../../src/audit/run-audit.ts';
import { runAudit } from '../../src/audit/run-audit.ts';
import type { Note } from '../../src/model.ts';
import type { Rule } from '../../src/rule.ts';
import type { Step } from '../helpers/stories.ts';
import { audit, inShort, noon, story, world } from '../helpers/stories.ts';

const lost = ['A: one', 'A: one two', 'C: one three'];

function memory(): AuditCache & { readonly size: () => number } {
  const map = new Map<string, string>();
  return {
    get: key => (map.has(key) ? JSON.parse(map.get(key)!) : undefined),
    set: (key, value) => void map.set(key, JSON.stringify(value)),
    size: () => map.size,
  };
}

describe('the id of an incident', () => {
  it('is the same live and later, on every run, and whatever else happened', async () => {
    const live = await audit(story(lost), rules, { now: noon + 60_050 });
    const later = await audit(story([...lost, '+1h B: one three four', '+3h B: one three four five']), rules);
    const elsewhere = await audit([...story(['A: x', 'A: x y'], 'b.md', noon - 9_000), ...story(lost)], rules);
    const [id] = live.incidents.map(incident => incident.id);
    expect(id).toMatch(/^[a-km-np-z2-9]{6}$/);
    expect(later.incidents.map(incident => incident.id)).toEqual([id]);
    expect(elsewhere.incidents.map(incident => incident.id)).toEqual([id]);
  });

  it('depends on no rule', async () => {
    const [first] = (await audit(story(lost), rules)).incidents;
    const renamed = rules.map(rule => ({ ...rule, id: `my-${rule.id}` }));
    const [second] = (await audit(story(lost), renamed)).incidents;
    expect(second!.id).toBe(first!.id);
  });

  it('differs by path, cause and text', async () => {
    const stories = [
      story(lost),
      story(lost, 'b.md'),
      story(['A: one', 'A: one two', 'C: one four']),
      story(['A: one', 'A: one x', 'C: one three']),
    ];
    const ids = await Promise.all(stories.map(async steps => (await audit(steps, rules)).incidents[0]!.id));
    expect(new Set(ids).size).toBe(4);
  });
});

describe('the state of an incident', () => {
  it.each([
    ['open', lost, 'open', null],
    ['the text is back', [...lost, 'B: one three two'], 'resolved', 'the text is back since the write of 12:01:30'],
    ['undertext put it back', [...lost, 'restore: one two three'], 'resolved', 'restored at 12:01:30'],
    [
      'and somebody took it away knowingly',
      [...lost, 'B: one three two', '+2h B: one three four'],
      'resolved',
      'the text is back since the write of 12:01:30',
    ],
    ['the restore was undone', [...lost, 'restore: one two three', 'restore: one three'], 'open', null],
    [
      'and done again',
      [...lost, 'restore: one two three', 'restore: one three', 'restore: one two three'],
      'resolved',
      'restored at 12:02:30',
    ],
  ])('%s', async (_, lines, state, closed) => {
    const { incidents } = await audit(story(lines), rules);
    const first = incidents.find(incident => incident.cause?.at === noon + 60_000);
    expect([first?.state, first?.closed]).toEqual([state, closed]);
  });

  it('accepted stays accepted', async () => {
    const { incidents, notes } = await audit(story(lost), rules);
    const accepted = acceptNote(incidents[0]!, 'we dropped it', noon + 90_000);
    const again = await audit(story([...lost, 'B: one three four']), rules, { notes: [...notes, accepted] });
    expect(again.incidents.map(({ state, closed }) => [state, closed])).toEqual([['accepted', 'we dropped it']]);
    expect(again.notes).toEqual([]);
  });
});

describe('the ledger', () => {
  it('books what opened and what was resolved, once', async () => {
    const types = (notes: readonly Note[]) => notes.map(({ data }) => (data as { type: string }).type);
    const first = await audit(story(lost), rules);
    expect(types(first.notes)).toEqual(['opened']);
    const second = await audit(story(lost), rules, { notes: first.notes });
    expect(second.notes).toEqual([]);
    const back = story([...lost, 'B: one three two']);
    const third = await audit(back, rules, { notes: first.notes });
    expect(types(third.notes)).toEqual(['resolved']);
    const fourth = await audit(back, rules, { notes: [...first.notes, ...third.notes] });
    expect(fourth.notes).toEqual([]);
    const undone = story([...lost, 'restore: one two three', 'restore: one three']);
    const fifth = await audit(undone, rules, { notes: [...first.notes, ...third.notes] });
    expect(types(fifth.notes)).toEqual(['opened']);
    expect(ledgerOf([...first.notes, ...third.notes, ...fifth.notes]).get(fifth.incidents[0]!.id)?.resolved).toBeNull();
  });

  it('serves an incident whose history was thinned, with its state as it is now', async () => {
    const { notes, incidents } = await audit(story(lost), rules);
    const thin = (words: string) => story([`+2h C: ${words}`]);
    const open = await audit(thin('one three'), rules, { notes });
    expect(open.incidents.map(({ id, state }) => [id, state])).toEqual([[incidents[0]!.id, 'open']]);
    const back = await audit(thin('one three two'), rules, { notes });
    expect(back.incidents.map(({ state }) => state)).toEqual(['resolved']);
    expect((await audit([...story(['A: x'], 'b.md')], rules, { notes })).incidents).toHaveLength(1);
  });

  it('closes what turned up in another file a moment later', async () => {
    const lines = ['A: one a_long_story', 'B: one'];
    const { notes } = await audit(story(lines), rules);
    const moved = await audit(story([...lines, 'b.md < B: a_long_story']), rules, { notes });
    expect(moved.incidents.map(({ state, closed }) => [state, closed])).toEqual([
      ['resolved', 'the text turned up elsewhere'],
    ]);
  });

  it('is open again when the restore of a deleted file was undone', async () => {
    const lines = ['A: one two three', '+9h B: (gone)'];
    const path = 'x/memory/voice-buffer.md';
    const first = await audit(story(lines, path), rules);
    const restored = [...lines, 'restore: one two three'];
    const second = await audit(story(restored, path), rules, { notes: first.notes });
    const notes = [...first.notes, ...second.notes];
    const third = await audit(story([...restored, 'restore: (gone)'], path), rules, { notes });
    expect([first, second, third].map(({ incidents }) => incidents.map(({ state }) => state))).toEqual([
      ['open'],
      ['resolved'],
      ['open'],
    ]);
  });

  it('closes what was only a piece of a write that went on', async () => {
    const lines = ['A: one two three four', 'B: zero'];
    const { notes, incidents } = await audit(story(lines), rules);
    expect(incidents.map(({ state }) => state)).toEqual(['open']);
    const whole = await audit(story([...lines, '+1s B: zero one two three five']), rules, { notes });
    expect(whole.incidents.map(({ state, closed }) => [state, closed]).toSorted()).toEqual([
      ['open', null],
      ['resolved', 'the file was still being written'],
    ]);
  });

  it('closes what is in order again when its rule looked and saw nothing', async () => {
    const index = 'x/memory/MEMORY.md';
    const steps: readonly Step[] = [
      { path: index, at: noon, text: '# M\n' },
      { path: 'x/memory/voice-buffer.md', at: noon + 1000, text: 'x' },
    ];
    const { notes, incidents } = await audit(steps, rules);
    expect(incidents.map(({ state, lost, proposed }) => [state, lost, proposed?.length])).toEqual([['open', null, 1]]);
    const mended = [...steps, { path: index, at: noon + 900_000, text: '# M\n\n- [[voice-buffer]]\n' }];
    const after = await audit(mended, rules, { notes });
    expect(after.incidents.map(({ state, closed }) => [state, closed])).toEqual([['resolved', 'it is in order again']]);
    const blind = await audit(
      mended,
      rules.filter(rule => rule.id !== 'index-drift'),
      { notes },
    );
    expect(blind.incidents.map(({ state, closed }) => [state, closed])).toEqual([
      ['accepted', 'the rule index-drift is switched off, or not there'],
    ]);
    expect(blind.notes).toEqual([]);
  });

  it('is still the same incident when some of it was put in order', async () => {
    const index = 'x/memory/MEMORY.md';
    const steps: readonly Step[] = [
      { path: index, at: noon, text: '# M\n' },
      ...['voice-buffer', 'tape-speed', 'head-gap'].map((name, i) => ({
        path: `x/memory/${name}.md`,
        at: noon + 1000 + i,
        text: name,
      })),
    ];
    const { notes, incidents } = await audit(steps, rules);
    const [all] = incidents;
    const mended = [...steps, { path: index, at: noon + 900_000, text: '# M\n\n- [[tape-speed]]\n' }];
    const after = await audit(mended, rules, { notes });
    expect(after.incidents.map(({ id, state, units, restore }) => [id, state, units.length, restore])).toEqual([
      [all!.id, 'open', 2, `undertext restore ${all!.id}`],
    ]);
    expect(after.notes).toEqual([]);
    const other = [...steps, { path: 'x/memory/new-one.md', at: noon + 3_600_000, text: 'n' }];
    const more = await audit(other, rules, { notes });
    expect(more.incidents.filter(({ state }) => state === 'open')).toHaveLength(2);
  });
});

describe('runAudit', () => {
  const broken: Rule = {
    id: 'broken',
    summary: 'It broke.',
    severity: 'low',
    options: {},
    async checkPath() {
      throw new Error('out of luck');
    },
  };

  it('names a rule that throws, and silences nobody', async () => {
    const { incidents, failedRules } = await audit(story(lost), [broken, ...rules]);
    expect(failedRules).toEqual([{ rule: 'broken', path: 'notes.md', message: 'out of luck' }]);
    expect(incidents).toHaveLength(1);
  });

  it('names a path that cannot be read back, and looks at everything else', async () => {
    const steps = [...story(lost), ...story(['A: one', 'A: one two', '+5ms C: one two three'], 'damaged.md')];
    const { histories, read, end } = world(steps);
    const bad = new Set(histories[1]!.versions.map(({ blob }) => blob));
    const good = new Set(histories[0]!.versions.map(({ blob }) => blob));
    const { incidents, failedRules } = await runAudit({
      histories,
      rules,
      options: {},
      isNoise: () => false,
      notes: [],
      now: end,
      read: async blob => {
        if (bad.has(blob) && !good.has(blob)) throw new Error('the pack is damaged');
        return read(blob);
      },
    });
    expect(failedRules).toEqual([{ rule: '*', path: 'damaged.md', message: 'the pack is damaged' }]);
    expect(incidents.map(inShort)).toEqual(['likely high: two']);
  });

  it('keeps what it knew of a path that cannot be read back now', async () => {
    const { histories, read, end } = world(story(lost));
    const input = { histories, rules, options: {}, isNoise: () => false, notes: [], now: end };
    const { notes } = await runAudit({ ...input, read });
    const unreadable = async () => Promise.reject(new Error('the pack is damaged'));
    const { incidents, failedRules } = await runAudit({ ...input, notes, read: unreadable });
    expect(incidents.map(({ state }) => state)).toEqual(['open']);
    expect(new Set(failedRules.map(({ path, message }) => `${path} ${message}`))).toEqual(
      new Set(['notes.md the pack is damaged']),
    );
  });

  it('names it every time: a failure is not remembered as silence', async () => {
    const cache = memory();
    for (let i = 0; i < 2; i++) {
      expect((await audit(story(lost), [broken], { cache })).failedRules).toHaveLength(1);
    }
  });

  it('remembers what it looked at, as plain JSON, until the path changes', async () => {
    const cache = memory();
    let looks = 0;
    const counting = rules.map(rule => ({
      ...rule,
      checkPath: async (...args: Parameters<NonNullable<Rule['checkPath']>>) => {
        looks++;
        return (await rule.checkPath?.(...args)) ?? [];
      },
    }));
    const first = await audit(story(lost), counting, { cache });
    const seen = looks;
    const second = await audit(story(lost), counting, { cache });
    expect(looks).toBe(seen);
    expect(second.incidents).toEqual(first.incidents);
    await audit(story([...lost, 'B: one']), counting, { cache });
    expect(looks).toBeGreaterThan(seen);
    const options = { 'lost-section': { few: 9 } };
    const before = looks;
    await audit(story(lost), counting, { cache, options });
    expect(looks).toBeGreaterThan(before);
  });

  it('looks again when the text turns up in another file', async () => {
    const cache = memory();
    const lines = ['A: one a_long_story', 'B: one'];
    expect((await audit(story(lines), rules, { cache })).incidents).toHaveLength(1);
    const moved = story([...lines, 'b.md < B: a_long_story']);
    expect((await audit(moved, rules, { cache })).incidents).toEqual([]);
  });

  it('looks only where it is told to', async () => {
    const steps = [...story(lost), ...story(lost, 'b.md')];
    const only = new Set(['home\0b.md']);
    expect((await audit(steps, rules, { only })).incidents.map(({ path }) => path)).toEqual(['b.md']);
  });

  it('tells an incident whole, whichever of its files changed', async () => {
    const line = (name: string) => `- [${name}](${name}.md) — about ${name}\n`;
    const index = 'x/memory/MEMORY.md';
    const steps: readonly Step[] = [
      { path: 'x/memory/a-1.md', at: noon - 2, text: 'x' },
      { path: 'x/memory/b-2.md', at: noon - 1, text: 'y' },
      { path: index, at: noon, text: '# M\n' },
      { path: index, at: noon + 30_000, text: `# M\n\n${line('a-1')}${line('b-2')}- an entry without a file\n` },
      { path: index, at: noon + 60_000, text: `# M\n\n- another\n` },
    ];
    const all = await audit(steps, rules);
    const live = await audit(steps, rules, { only: new Set(['home\0x/memory/a-1.md']) });
    expect(all.incidents).toHaveLength(1);
    expect(live.incidents).toEqual(all.incidents);
  });

  it('leaves out what was caused before', async () => {
    const steps = [...story(lost), ...story(lost, 'b.md', noon + 3_600_000)];
    const { incidents } = await audit(steps, rules, { since: noon + 1_800_000 });
    expect(incidents.map(({ path }) => path)).toEqual(['b.md']);
  });

  it('switches rules off', async () => {
    const options = { 'lost-update': false, 'lost-section': false } as const;
    expect((await audit(story(lost), rules, { options })).incidents).toEqual([]);
  });

  it('puts the worst first', async () => {
    const steps = [
      ...story(['A: one six', 'B: one'], 'low.md'),
      ...story(lost, 'old.md', noon - 3_600_000),
      ...story(lost, 'new.md'),
      ...story(['A: one', 'A: one two', '+5h C: one'], 'reverted.md'),
    ];
    const { incidents } = await audit(steps, rules);
    expect(incidents.map(({ path }) => path)).toEqual(['new.md', 'old.md', 'reverted.md', 'low.md']);
  });

  it('waits while a file is being written', async () => {
    const lines = ['A: one two three four', 'A: (empty)'];
    const now = noon + 30_100;
    const only = new Set(['home\0notes.md']);
    const young = await audit(story(lines), rules, { now, only });
    expect([young.incidents, young.again]).toEqual([[], { at: noon + 33_000, only }]);
    const { at, only: again } = young.again!;
    expect((await audit(story(lines), rules, { now: at, only: again })).incidents).toHaveLength(1);
    expect((await audit(story(lines), rules, { now })).incidents, 'an audit says what it sees').toHaveLength(1);
  });

  it('tells how far it is', async () => {
    const heard: number[] = [];
    await audit(story(lost), rules, { onProgress: (done, of) => heard.push(done / of) });
    expect(heard.at(-1)).toBe(1);
  });

  it('gives the loop a turn before every document', async () => {
    const paths = ['a.md', 'b.md', 'c.md'];
    const steps = paths.flatMap(path => story([`A: one ${path}`, `A: one ${path} two`, `C: one ${path} three`], path));
    let turns = 0;
    const turn = async () => {
      turns++;
    };
    const { incidents } = await audit(steps, rules, { turn });
    expect(incidents).toHaveLength(paths.length);
    expect(turns).toBeGreaterThanOrEqual(new Set(steps.map(({ text }) => text)).size + paths.length);
  });

  it('tells two overwrites of one file apart', async () => {
    const { incidents } = await audit(story([...lost, 'A: one three five', 'C: one three six']), rules);
    expect(incidents.map(inShort)).toEqual(['likely high: five', 'likely high: two']);
  });

  it('keeps what was lost and what was only removed by one write apart', async () => {
    const { incidents } = await audit(story(['A: one two', 'A: one two three', 'C: two four']), rules);
    expect(incidents.map(inShort)).toEqual(['likely high: three', 'possible low: one']);
  });
});

/** What becomes of incidents when versions they name are forgotten: none is lost, none is raised, no word comes back. */
import { describe, expect, it } from 'vitest';
import { rules } from '../../rules/index.ts';
import { type Forgetting, losesText, withoutForgotten } from '../../src/audit/forget.ts';
import { acceptNote, type LedgerEntry } from '../../src/audit/ledger.ts';
import { runAudit } from '../../src/audit/run-audit.ts';
import { historyOf } from '../../src/history/history.ts';
import type { Note } from '../../src/model.ts';
import type { Step } from '../helpers/stories.ts';
import { audit, noon, story, world } from '../helpers/stories.ts';

const path = 'notes.md';
/** B's `two` is overwritten by C, who had read only A's. */
const lost = ['A: one', 'B: one two', 'C: one three', 'D: one three four'];

/** What is forgotten: the versions of these places in the story, all of it when none is given. */
async function forgetting(lines: readonly string[], forgotten: readonly number[]) {
  const steps = story(lines);
  const before = await audit(steps, rules);
  const { histories, read, end } = world(steps);
  const versions = histories[0]!.versions;
  const ids = new Set(forgotten.map(i => versions[i]!.id));
  const about: Forgetting = {
    at: noon,
    versions: ids,
    isPath: place => place.path === path,
    isKept: id => !ids.has(id) && versions.some(version => version.id === id),
  };
  const notes = before.notes.map(note => withoutForgotten(note, about));
  const thin = versions.map(version =>
    ids.has(version.id) ? { ...version, kind: 'withheld' as const, blob: null, size: 1 } : version,
  );
  const contents = new Set(thin.map(({ blob }) => blob));
  const again = (more: readonly Note[] = []) =>
    runAudit({
      histories: [historyOf(thin, 'authored')],
      read: blob => (contents.has(blob) ? read(blob) : Promise.reject(new Error('it is forgotten'))),
      rules,
      options: {},
      isNoise: () => false,
      notes: [...notes, ...more],
      now: end + 7_200_000,
    });
  return { before, about, notes, again };
}

describe('an incident whose text is forgotten', () => {
  it('stays, open, with its id, and tells nothing of the text', async () => {
    const { before, notes, again } = await forgetting(lost, [1]);
    const { incidents, failedRules, notes: more } = await again();
    expect(failedRules).toEqual([]);
    expect(more).toEqual([]);
    expect(incidents.map(({ id, state }) => [id, state])).toEqual(before.incidents.map(({ id }) => [id, 'open']));
    expect(incidents[0]).toMatchObject({
      forgotten: noon,
      restore: null,
      fingerprints: [],
      units: [{ kind: 'list-item', text: '(forgotten)', name: '(forgotten)', place: '', fingerprint: '' }],
      lost: { blob: null },
      findings: [{ rule: 'lost-update', evidence: [] }],
    });
    const [{ units, fingerprints, lost: had } = before.incidents[0]!] = before.incidents;
    const told = JSON.stringify([notes, incidents]);
    for (const word of [units[0]!.text, fingerprints[0]!, had!.blob!]) expect(told).not.toContain(word);
  });

  it('that was accepted stays accepted, with the reason', async () => {
    const { before, about, again } = await forgetting(lost, [1]);
    const accepted = withoutForgotten(acceptNote(before.incidents[0]!, 'meant', noon + 1), about);
    const { incidents, notes } = await again([accepted]);
    expect(incidents).toMatchObject([{ state: 'accepted', closed: 'meant', units: [{ text: '(forgotten)' }] }]);
    expect(notes).toEqual([]);
  });

  it('that is the whole path loses every word', async () => {
    const { notes, again } = await forgetting(lost, [0, 1, 2, 3]);
    const { incidents, failedRules } = await again();
    expect(failedRules).toEqual([]);
    expect(incidents).toMatchObject([{ state: 'open', forgotten: noon }]);
    expect(JSON.stringify([notes, incidents])).not.toContain('two');
  });

  it('is changed once', async () => {
    const { about, notes } = await forgetting(lost, [0, 1, 2, 3]);
    for (const note of notes) expect(withoutForgotten(note, { ...about, at: noon + 1 })).toBe(note);
  });
});

describe('an incident whose text stays', () => {
  it.each([
    ['the write that took it', [2]],
    ['the version it grew from', [0]],
    ['a later version', [3]],
  ])('when %s is forgotten: it is neither lost nor raised again', async (_, forgotten) => {
    const { before, about, again } = await forgetting(lost, forgotten);
    expect(losesText(before.incidents[0]!, about)).toBe(false);
    const { incidents, failedRules, notes } = await again();
    expect(failedRules).toEqual([]);
    expect(notes).toEqual([]);
    expect(incidents.map(({ id, state }) => [id, state])).toEqual(before.incidents.map(({ id }) => [id, 'open']));
    expect(incidents[0]).toMatchObject({ units: [{ text: '- two' }], restore: before.incidents[0]!.restore });
    expect(incidents[0]!.fingerprints).toEqual(before.incidents[0]!.fingerprints);
  });

  it('loses it when the version that had it was dropped before: who knows what it said', async () => {
    const { before, about } = await forgetting(lost, [3]);
    expect(losesText(before.incidents[0]!, { ...about, isKept: () => false })).toBe(true);
    expect(losesText(before.incidents[0]!, { ...about, isKept: () => false, isPath: () => false })).toBe(false);
  });

  it('quotes nothing that a rule of one’s own quoted', async () => {
    const { before, about } = await forgetting(lost, [2]);
    const entry = before.notes[0]!.data as LedgerEntry;
    const quoting = {
      ...entry.incident,
      message: 'three!',
      findings: [{ rule: 'own', message: 'three!', evidence: ['three'] }],
    };
    const note = withoutForgotten({ ...before.notes[0]!, data: { ...entry, incident: quoting } }, about);
    expect(JSON.stringify(note)).not.toContain('three');
  });

  it('is the very same note when nothing of it is forgotten, and so is every other kind', async () => {
    const { before, about } = await forgetting(lost, [3]);
    expect(withoutForgotten(before.notes[0]!, about)).toBe(before.notes[0]);
    const gap: Note = { kind: 'gap', at: noon, data: { path } };
    expect(withoutForgotten(gap, about)).toBe(gap);
  });
});

describe('a version in the middle that is forgotten', () => {
  it('raises nothing that was not there, and hides nothing that happens later', async () => {
    const { again, before } = await forgetting(
      ['A: one two', 'A: one two key', 'A: one two "the key went into the vault" three'],
      [1],
    );
    expect(before.incidents.map(({ units }) => units[0]!.text)).toEqual(['- key']);
    expect((await again()).incidents.map(({ id }) => id)).toEqual(before.incidents.map(({ id }) => id));
    const later = await forgetting(['A: x', 'A: x y', 'A: x y one', 'B: x y one two', 'C: x y one three'], [1]);
    const [incident] = (await later.again()).incidents;
    expect(incident).toMatchObject({ id: later.before.incidents[0]!.id, units: [{ text: '- two' }] });
  });
});

describe('an index', () => {
  const index = 'projects/x/memory/MEMORY.md';
  const voice = 'projects/x/memory/voice-buffer.md';
  const line = '- [voice-buffer](voice-buffer.md) — how\n';
  const at = (seconds: number, path: string, text: string): Step => ({ path, text, at: noon + seconds * 1000 });
  const without = async (steps: readonly Step[], isForgotten: (at: number) => boolean) => {
    const { histories, read, end } = world(steps);
    const thin = histories.map(file =>
      historyOf(
        file.versions.map(version =>
          file.path === index && isForgotten((version.at - noon) / 1000)
            ? { ...version, kind: 'withheld' as const, blob: null, size: 1 }
            : version,
        ),
        'authored',
      ),
    );
    const input = { rules, options: {}, isNoise: () => false, notes: [], now: end + 3_600_000 };
    return (await runAudit({ histories: thin, read, ...input })).incidents;
  };

  it('whose newest version is forgotten raises nothing: it cannot be read', async () => {
    const steps = [at(0, voice, 'x'), at(5, index, `# Memory\n\n${line}`), at(900, index, `# Memory\n\n${line}- y\n`)];
    expect(await without(steps, at => at === 900)).toEqual([]);
    expect(await without(steps, () => true)).toEqual([]);
  });

  it('lost a line with the same write as before, when a version between is forgotten', async () => {
    const steps = [
      at(0, voice, 'x'),
      at(5, index, `# Memory\n\n${line}`),
      at(600, index, `# Memory\n\n${line}- key\n`),
      at(1200, index, '# Memory\n\n- other\n'),
    ];
    const [before] = (await audit(steps, rules)).incidents.filter(({ path }) => path === index);
    const now = await without(steps, at => at === 600);
    expect(now.map(({ cause, units }) => [cause!.version, units.map(({ text }) => text)])).toEqual([
      [before!.cause!.version, [line.trim()]],
    ]);
  });
});

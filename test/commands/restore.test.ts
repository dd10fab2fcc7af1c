/** `restore` and `show` through the built program: proposed lines, copies, several incidents at once. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Incident } from '../../src/model.ts';
import { alikeTo } from '../../src/report/alike.ts';
import { Place } from '../helpers/program.ts';

const places: Place[] = [];
afterEach(() => Promise.all(places.splice(0).map(place => place.remove())));

function home(files: Readonly<Record<string, string>>, rule?: string): Place {
  const place = new Place(files);
  places.push(place);
  if (rule !== undefined)
    place.write(
      '../rules/own-rule.js',
      `export default { id: 'own-rule', summary: 'x', severity: 'high', options: {}, ${rule} };`,
    );
  return place;
}

interface Told {
  readonly id: string;
  readonly incident: string | null;
  readonly path: string;
  readonly restored: readonly { readonly name: string }[];
  readonly undo: string;
}

const rules = ['--rules', 'rules', '--rule', 'own-rule'];

async function incidents(place: Place, ...words: string[]): Promise<readonly Incident[]> {
  const { out } = await place.run('audit', '--json', ...words);
  return (JSON.parse(out) as { incidents: readonly Incident[] }).incidents;
}

describe('a line that is proposed', () => {
  const index = '# Memory\n\n- [Tone](feedback_tone.md) — short\n';
  const line = '- [Ship](project_ship.md) — how it is shipped';
  const orphan = `async checkPath(file, tools) {
    if (file.path !== 'memory/MEMORY.md') return [];
    const version = file.versions.at(-1);
    if ((await tools.text(version)).includes('project_ship.md')) return [];
    const unit = { kind: 'file', name: 'project_ship.md', text: 'project_ship.md', place: '', fingerprint: 'ab'.repeat(8), start: 0, end: 0 };
    return [{ path: file.path, message: 'no line names project_ship.md', certainty: 'likely', lost: null, cause: version, base: null,
      units: [unit], evidence: [], related: ['memory/project_ship.md'], proposed: ['${line}'], advice: 'add the line', standing: true }];
  }`;

  it('is shown, added, told as restored, over, and taken back to the byte', async () => {
    const place = home({ 'memory/MEMORY.md': '# Memory\n', 'memory/project_ship.md': '# Ship\n' }, orphan);
    // What was so at the first look is no news.
    expect(await incidents(place, ...rules)).toEqual([]);
    place.write('memory/MEMORY.md', index);
    const [incident] = await incidents(place, ...rules);
    expect(incident).toMatchObject({ restore: `undertext restore ${incident!.id}`, proposed: [line], state: 'open' });
    const { out: shown } = await place.run('show', incident!.id, '--rules', 'rules');
    expect(shown).toContain(`what restore would add\n+ ${line}`);
    expect(shown).toContain('what to do: add the line');
    const { out, code } = await place.run('restore', incident!.id, '--rules', 'rules', '--json');
    expect(code).toBe(0);
    const told = JSON.parse(out) as Told;
    expect(told.restored).toEqual([{ kind: 'list-item', name: 'Ship', text: line, place: 'Memory' }]);
    expect(place.read('memory/MEMORY.md')).toBe(`${index}${line}\n`);
    expect(await incidents(place, ...rules)).toEqual([]);
    expect((await place.run('restore', incident!.id, '--rules', 'rules')).out).toContain('nothing to do');
    await place.run(...told.undo.split(' ').slice(1));
    expect(place.read('memory/MEMORY.md')).toBe(index);
  });

  it('that was so at the first look: `audit --all` lists it, and it is shown, added and taken back likewise', async () => {
    const place = home({ 'memory/MEMORY.md': index, 'memory/project_ship.md': '# Ship\n' }, orphan);
    expect(await incidents(place, ...rules)).toEqual([]);
    const [incident] = await incidents(place, ...rules, '--all');
    expect(incident).toMatchObject({ state: 'accepted', baseline: true, restore: `undertext restore ${incident!.id}` });
    const { out: shown } = await place.run('show', incident!.id, '--rules', 'rules');
    expect(shown).toContain(`what restore would add\n+ ${line}`);
    expect(shown).toMatch(
      new RegExp(`state: accepted\\nreason: it was so when undertext first looked\\n[^]*: ${incident!.restore} `),
    );
    const { out, code } = await place.run('restore', incident!.id, '--rules', 'rules');
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/^restored list item "Ship" in ~\/.claude\/memory\/MEMORY.md/),
    ]);
    expect(place.read('memory/MEMORY.md')).toBe(`${index}${line}\n`);
    expect(await incidents(place, ...rules, '--all')).toEqual([]);
    await place.run('undo');
    expect((await incidents(place, ...rules, '--all')).map(({ id }) => id)).toEqual([incident!.id]);
    // Accepted by a person: it is a restore all the same, for who changed their mind.
    await place.run('accept', incident!.id, '--reason', 'later', '--rules', 'rules');
    expect((await place.run('restore', incident!.id, '--rules', 'rules')).code).toBe(0);
    expect(place.read('memory/MEMORY.md')).toBe(`${index}${line}\n`);
  });

  it('nothing to put back and nothing proposed: the refusal says what to do', async () => {
    const place = home({ 'memory/MEMORY.md': '# Memory\n' }, orphan.replace(`proposed: ['${line}'], `, ''));
    await place.run('snapshot');
    place.write('memory/MEMORY.md', index);
    const [incident] = await incidents(place, ...rules);
    const { code, err } = await place.run('restore', incident!.id, '--rules', 'rules');
    expect(code).toBe(3);
    expect(err).toMatch(/hint: add the line; `undertext accept/);
  });
});

describe('a copy that a sync tool left', () => {
  const copies = `async checkFolder(folder, tools) {
    if (folder.path !== 'notes') return [];
    const [plain, copy] = ['notes/a.md', 'notes/a.sync-conflict-20261120-100000-ABCDEFG.md'].map(path => folder.files.find(file => file.path === path));
    const lost = copy.versions.at(-1);
    const has = new Set((await tools.units(plain.versions.at(-1))).map(unit => unit.fingerprint));
    const units = (await tools.units(lost)).filter(unit => !has.has(unit.fingerprint));
    if (units.length === 0) return [];
    return [{ path: plain.path, message: 'a copy has more', certainty: 'likely', lost, cause: lost,
      base: { version: plain.versions[0], how: 'inferred' }, units, evidence: [], standing: true }];
  }`;
  const copy = 'notes/a.sync-conflict-20261120-100000-ABCDEFG.md';
  const base = '# A\n\n- one is here\n- two is there\n';

  it('is merged: additions of both sides, and the copy stays', async () => {
    const place = home({ 'notes/a.md': base }, copies);
    await place.run('snapshot');
    place.write('notes/a.md', `${base}- ours alone\n`);
    place.write(copy, base.replace('- two', '- theirs alone\n- two'));
    const [incident] = await incidents(place, ...rules);
    const shown = await place.run('show', incident!.id, '--rules', 'rules');
    expect(shown.out).toContain(`what is different in ${copy}`);
    expect(shown.out).toContain('+- theirs alone');
    expect(shown.out).toContain('-- ours alone');
    const { out, code } = await place.run('restore', incident!.id, '--rules', 'rules');
    expect(code).toBe(0);
    expect(out.replace(/\s+/g, ' ')).toContain(`${copy} still stands: delete it`);
    expect(place.read('notes/a.md')).toBe(`${base.replace('- two', '- theirs alone\n- two')}- ours alone\n`);
    expect(place.read(copy)).toBe(base.replace('- two', '- theirs alone\n- two'));
    expect(await incidents(place, ...rules)).toEqual([]);
  });

  it('both changed one line: a person chooses', async () => {
    const place = home({ 'notes/a.md': base }, copies);
    await place.run('snapshot');
    place.write('notes/a.md', base.replace('two is there', 'two is there, by the door'));
    place.write(copy, base.replace('two is there', 'two is there, by the window'));
    const [incident] = await incidents(place, ...rules);
    const { code, err } = await place.run('restore', incident!.id, '--rules', 'rules');
    expect([code, place.read('notes/a.md')]).toEqual([1, base.replace('two is there', 'two is there, by the door')]);
    expect(err).toContain('by the window');
    await place.run('restore', incident!.id, '--theirs', '--rules', 'rules');
    expect(place.read('notes/a.md')).toBe(base.replace('two is there', 'two is there, by the window'));
  });
});

describe('several incidents at once', () => {
  const gone = `async checkPath(file) {
    const { before, after } = file.edits.at(-1) ?? {};
    if (after?.kind !== 'gone') return [];
    const unit = { kind: 'file', name: file.path, text: file.path, place: '', fingerprint: 'cd'.repeat(8), start: 0, end: 0 };
    return [{ path: file.path, message: 'gone', certainty: 'likely', lost: before, cause: after, base: null, units: [unit], evidence: [], standing: true }];
  }`;
  const texts = { 'skills/a/SKILL.md': '# A\n', 'skills/b/SKILL.md': '# B\n', 'notes/c.md': '# C\n' };

  const swept = async () => {
    const place = home(texts, gone);
    await place.run('snapshot');
    for (const path of ['skills', 'notes']) rmSync(join(place.home, path), { recursive: true });
    const found = await incidents(place, ...rules);
    return { place, ids: Object.fromEntries(found.map(({ path, id }) => [path, id])) as Record<string, string> };
  };

  it('each has a plan, a restore and an undo of its own; what fails stops no other', async () => {
    const { place, ids } = await swept();
    const words = [ids['skills/a/SKILL.md']!, 'zzzzzz', ids['notes/c.md']!, '--rules', 'rules'];
    const dry = await place.run('restore', ...words, '--dry-run');
    expect(dry.out.match(/nothing was written/g)).toHaveLength(2);
    const { out, err, code } = await place.run('restore', ...words, '--json');
    const told = out
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as Told);
    expect(told.map(({ path }) => path)).toEqual(['skills/a/SKILL.md', 'notes/c.md']);
    expect(told.map(({ incident }) => incident)).toEqual([ids['skills/a/SKILL.md'], ids['notes/c.md']]);
    expect(JSON.parse(err)).toMatchObject({ error: { code: 'not-found' } });
    expect(code).toBe(2);
    expect(place.read('skills/a/SKILL.md')).toBe('# A\n');
    await place.run(...told[0]!.undo.split(' ').slice(1));
    expect([...place.fingerprint().keys()]).toEqual(['notes/c.md']);
  });

  it('--alike brings back what went within minutes in the same tree', async () => {
    const { place, ids } = await swept();
    const { out, code } = await place.run('restore', ids['skills/a/SKILL.md']!, '--alike', '--rules', 'rules');
    expect(code).toBe(0);
    expect(out.match(/to take it back:/g)).toHaveLength(2);
    expect([...place.fingerprint().keys()]).toEqual(['skills/a/SKILL.md', 'skills/b/SKILL.md']);
    expect(place.read('skills/b/SKILL.md')).toBe('# B\n');
  });

  it.each([
    ['--to with several', ['a', 'b', '--to', 'x'], '--to takes one incident'],
    ['several paths with --at', ['a.md', 'b.md', '--at', '2h'], '"b.md" is one argument too many'],
    ['--alike with a path', ['notes/c.md', '--at', '2h', '--alike'], '--alike goes with an incident'],
    ['a path among several', ['--alike', 'notes/x.md'], 'no version of "notes/x.md" is kept'],
  ])('%s is refused', async (_, words, message) => {
    const place = home(texts);
    const { err, code } = await place.run('restore', ...words);
    expect([code, err]).toEqual([2, expect.stringContaining(message)]);
  });
});

describe('alike', () => {
  const one = (id: string, path: string, at: number, more: object = {}) =>
    ({
      id,
      path,
      root: 'claude',
      state: 'open',
      cause: { at },
      findings: [{ rule: 'lost-file' }],
      ...more,
    }) as unknown as Incident;
  const minute = 60_000;
  const first = one('a', 'projects/x/memory/a.md', 100 * minute);

  it.each<[string, Incident, boolean]>([
    ['a neighbour, moments later', one('b', 'projects/x/memory/sub/b.md', 101 * minute), true],
    ['eleven minutes later', one('b', 'projects/x/memory/b.md', 111 * minute), false],
    ['another project', one('b', 'projects/y/memory/b.md', 100 * minute), false],
    ['another root', one('b', 'projects/x/memory/b.md', 100 * minute, { root: 'other' }), false],
    ['another rule', one('b', 'projects/x/memory/b.md', 100 * minute, { findings: [{ rule: 'lost-keys' }] }), false],
    ['one that is accepted', one('b', 'projects/x/memory/b.md', 100 * minute, { state: 'accepted' }), false],
    ['one of which nobody saw the write', one('b', 'projects/x/memory/b.md', 0, { cause: null }), false],
  ])('%s', (_, other, isAlike) => {
    expect(alikeTo(first, [first, other]).map(({ id }) => id)).toEqual(isAlike ? ['a', 'b'] : ['a']);
  });

  it('what lies in the root is no tree', () => {
    expect(
      alikeTo(
        one('a', 'CLAUDE.md', 0),
        ['CLAUDE.md', 'skills/b.md', 'OTHER.md'].map((path, i) => one('abc'[i]!, path, 0)),
      ).map(({ id }) => id),
    ).toEqual(['a', 'c']);
  });
});

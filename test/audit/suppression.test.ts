/** What somebody asked to leave alone is looked at, counted, and not told. */
import { describe, expect, it } from 'vitest';
import { rules } from '../../rules/index.ts';
import type { AuditCache } from '../../src/audit/run-audit.ts';
import { marksIn } from '../../src/audit/suppression.ts';
import type { Rule } from '../../src/rule.ts';
import { audit, noon, type Row, rows, story } from '../helpers/stories.ts';

const lost = story(['A: one', 'A: one two', 'C: one three']);
const index = 'x/memory/MEMORY.md';
const drift = (head: string): readonly Row[] => [
  [index, `${head}# Memory\n\n- [start](start.md)\n`],
  ['x/memory/start.md', 'start\n'],
  ['x/memory/lonely.md', 'lonely\n'],
];

describe('a marker', () => {
  it.each<[string, string, readonly string[], string | null]>([
    ['Markdown', '<!-- undertext: ignore index-drift (hub file) -->\n# Hub\n', ['index-drift'], 'hub file'],
    ['without a reason', '<!-- undertext: ignore index-drift -->\n', ['index-drift'], null],
    ['several rules', '<!--undertext: ignore a-b, c  d-->', ['a-b', 'c', 'd'], null],
    ['several rules and a reason', '// undertext: ignore a, b (made by a tool)\n{}', ['a', 'b'], 'made by a tool'],
    ['a script', '# undertext: ignore dead-hook (x)\necho', ['dead-hook'], 'x'],
    ['a script with an interpreter', '#!/bin/sh\n# undertext: ignore dead-hook\n', ['dead-hook'], null],
    ['a block comment', '/* undertext: ignore x */', ['x'], null],
    ['behind a BOM', '\uFEFF<!-- undertext: ignore x -->', ['x'], null],
    ['behind frontmatter', '---\nname: a\n---\n\n<!-- undertext: ignore x -->\n', ['x'], null],
    ['behind frontmatter with CRLF', '---\r\nname: a\r\n---\r\n<!-- undertext: ignore x -->\r\n', ['x'], null],
  ])('in %s', (_, text, ids, reason) => {
    expect(marksIn(text)).toEqual(ids.map(rule => ({ rule, reason })));
  });

  it.each([
    ['in the second line', '# Hub\n<!-- undertext: ignore x -->\n'],
    ['in prose', 'undertext: ignore x\n'],
    ['that names nothing', '<!-- undertext: ignore -->\n'],
    ['that says something else', '<!-- undertext: index x -->\n'],
    ['with its rule on another line', '<!-- undertext: ignore\nx -->\n'],
    ['of nothing', ''],
  ])('is none %s', (_, text) => {
    expect(marksIn(text)).toEqual([]);
  });

  it('speaks for its file and its rules only', async () => {
    const marked = await audit(rows(drift('<!-- undertext: ignore index-drift (hub) -->\n')), rules);
    expect([marked.incidents, marked.notes]).toEqual([[], []]);
    expect(marked.suppressed).toEqual([
      { root: 'home', rule: 'index-drift', path: index, how: 'marker', reason: 'hub', findings: 1 },
    ]);
    const other = await audit(rows(drift('<!-- undertext: ignore lost-update -->\n')), rules);
    expect(other.incidents).toHaveLength(1);
    expect(other.suppressed).toEqual([]);
  });

  it('is believed as it stands now', async () => {
    const marked = drift('<!-- undertext: ignore index-drift -->\n');
    const gone = await audit(rows([...marked, [index, '# Memory\n\n- [start](start.md)\n']]), rules);
    expect(gone.incidents.map(({ state }) => state)).toEqual(['open']);
    const came = await audit(
      rows([...drift(''), [index, `<!-- undertext: ignore index-drift -->\n${drift('')[0]![1]}`]]),
      rules,
    );
    expect(came.incidents).toEqual([]);
  });

  it('is believed at once, also where findings are remembered', async () => {
    const cache = memory();
    expect((await audit(rows(drift('')), rules, { cache })).incidents).toHaveLength(1);
    const marked = rows([...drift(''), [index, `<!-- undertext: ignore index-drift -->\n${drift('')[0]![1]}`]]);
    for (let time = 0; time < 2; time++) {
      const now = await audit(marked, rules, { cache });
      expect([now.incidents.length, now.suppressed.length]).toEqual([0, 1]);
    }
  });

  it('that cannot be read back is told', async () => {
    const steps = rows([['a.md', 'text\n']]);
    const rule: Rule = {
      id: 'blames',
      summary: 'It blamed.',
      severity: 'low',
      options: {},
      async checkPath({ path }) {
        const nothing = { lost: null, cause: null, base: null, units: [], evidence: [] };
        return [{ path, message: 'wrong', certainty: 'likely', ...nothing }];
      },
    };
    const read = async () => Promise.reject(new Error('damaged'));
    const { incidents, failedRules } = await audit(steps, [rule], { ...({ read } as object) });
    expect(incidents).toHaveLength(1);
    expect(failedRules).toEqual([{ rule: '*', path: 'a.md', message: 'damaged' }]);
  });
});

describe('an entry of the configuration', () => {
  it.each<[string, { rule?: string; path?: string }, boolean]>([
    ['rule and path', { rule: 'lost-update', path: 'notes.md' }, true],
    ['any rule', { path: '*.md' }, true],
    ['anywhere', { rule: 'lost-update' }, true],
    ['another path', { rule: 'lost-update', path: 'skills/**' }, false],
    ['another rule', { rule: 'index-drift', path: 'notes.md' }, false],
  ])('%s', async (_, entry, isQuiet) => {
    const only = rules.filter(({ id }) => id !== 'lost-section');
    const result = await audit(lost, only, { suppress: [{ ...entry, reason: 'why' }] });
    expect(result.incidents.length).toBe(isQuiet ? 0 : 1);
    expect(result.suppressed.map(({ how, reason, path }) => [how, reason, path])).toEqual(
      isQuiet ? [['config', 'why', 'notes.md']] : [],
    );
  });

  it('counts what it leaves alone', async () => {
    const steps = story(['A: one', 'A: one two', 'C: one three', 'A: one three four', 'C: one three five']);
    const { suppressed } = await audit(steps, rules, { suppress: [{ rule: 'lost-update', reason: 'why' }] });
    expect(suppressed).toEqual([
      { root: 'home', rule: 'lost-update', path: 'notes.md', how: 'config', reason: 'why', findings: 2 },
    ]);
  });

  it('is asked anew in every run, whatever is remembered', async () => {
    const cache = memory();
    const suppress = [{ rule: 'lost-update', reason: 'why' }];
    const open = async (more: object) => (await audit(lost, rules.slice(0, 1), { cache, ...more })).incidents.length;
    expect([await open({}), await open({ suppress }), await open({})]).toEqual([1, 0, 1]);
  });

  it('reaches rules that ask for other paths, whatever is remembered', async () => {
    const asks: Rule = {
      id: 'asks',
      summary: 'It asked.',
      severity: 'low',
      options: {},
      async checkFolder(folder, tools) {
        if (folder.path !== '') return [];
        const [one, two] = folder.files;
        if (await tools.ignores(two!)) return [];
        const nothing = { lost: null, cause: null, base: null, units: [], evidence: [] };
        return [{ path: one!.path, message: 'wrong', certainty: 'likely', ...nothing }];
      },
    };
    const steps = rows([
      ['a.md', 'a\n'],
      ['b.md', 'b\n'],
    ]);
    const cache = memory();
    const suppress = [{ path: 'b.md', reason: 'why' }];
    const open = async (more: object) => (await audit(steps, [asks], { cache, ...more })).incidents.length;
    expect([await open({}), await open({ suppress }), await open({})]).toEqual([1, 0, 1]);
  });
});

describe('what was told before it was left alone', () => {
  const suppress = [{ path: 'notes.md', reason: 'generated' }];

  it('is accepted with that reason, and open again when the entry goes', async () => {
    const { notes } = await audit(lost, rules);
    const left = await audit(lost, rules, { notes, suppress });
    expect(left.incidents.map(({ state, closed }) => [state, closed])).toEqual([['accepted', 'generated']]);
    expect(left.notes).toEqual([]);
    const again = await audit(lost, rules, { notes: [...notes, ...left.notes] });
    expect(again.incidents.map(({ state }) => state)).toEqual(['open']);
  });

  it('stays open while one of its rules is not left alone', async () => {
    const steps = rows([
      ['x/memory/MEMORY.md', '# M\n\n- [a](a.md)\n'],
      ['x/memory/a.md', 'a\n'],
      ['x/memory/b.md', 'b\n'],
      ['x/memory/MEMORY.md', '# M\n\n- [a](a.md)\n- [b](b.md)\n'],
      ['x/memory/MEMORY.md', '# M\n\n- [a](a.md)\n- [c](c.md)\n'],
    ]);
    const first = await audit(steps, rules);
    const both = first.incidents.find(({ findings }) => findings.length > 1)!;
    expect(both.findings.map(({ rule }) => rule).sort()).toEqual(['index-drift', 'lost-update']);
    const states = async (rule: string) => {
      const result = await audit(steps, rules, { notes: first.notes, suppress: [{ rule, reason: 'why' }] });
      return result.incidents.find(({ id }) => id === both.id)?.state;
    };
    expect(await states('index-drift')).toBe('open');
    const drift = rules.filter(({ id }) => id === 'index-drift');
    const suppress = [{ rule: 'index-drift', reason: 'why' }];
    const blind = await audit(steps, drift, { notes: first.notes, suppress });
    expect(blind.incidents.find(({ id }) => id === both.id)?.state).toBe('open');
  });

  it('what is resolved stays resolved', async () => {
    const before = await audit(lost, rules);
    const back = [...lost, ...story(['B: one three two'], 'notes.md', noon + 3_600_000)];
    const resolved = await audit(back, rules, { notes: before.notes });
    const notes = [...before.notes, ...resolved.notes];
    const { incidents } = await audit(back, rules, { notes, suppress });
    expect(incidents.map(({ state }) => state)).toEqual(['resolved']);
  });
});

function memory(): AuditCache {
  const map = new Map<string, string>();
  return {
    get: key => (map.has(key) ? JSON.parse(map.get(key)!) : undefined),
    set: (key, value) => void map.set(key, JSON.stringify(value)),
  };
}

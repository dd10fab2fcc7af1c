import { describe, expect, it } from 'vitest';
import { foundLosses, median, rowSharesOf, rowsOf, sharesOf, sum } from '../../bench/detection/real-figures.ts';
import { labelOf, type RealIncident, type RealLabel, type RealVerdict } from '../../bench/detection/real-labels.ts';

const blob = 'a1b2c3d4e5f6';
const later = '2026-03-02T09:00:00Z';

function label(path: string, verdict: RealVerdict, changes: Partial<RealLabel> = {}): RealLabel {
  const at = '2026-03-01T09:00:00Z';
  return { home: 'ann/home', path, commit: '0123456789ab', blob, at, verdict, kind: 'form', why: '', ...changes };
}

function incident(path: string, changes: Partial<RealIncident> = {}): RealIncident {
  const cause = { at: '2026-03-01T09:00:00.000Z', blob: `${blob}0000` };
  const weight = { state: 'open', certainty: 'possible', severity: 'medium', weak: false };
  return { ...weight, path, cause, findings: [{ rule: 'lost-update' }], ...changes };
}

const deletion = { at: later, blob: null };

describe('labelOf', () => {
  const labels = [label('a.md', 'loss'), label('a.md', 'none', { at: later }), label('b.md', 'none', { blob: 'gone' })];
  it.each([
    ['the same path and content', incident('a.md'), 'loss'],
    [
      'of two with one content the nearest in time',
      incident('a.md', { cause: { at: later, blob: `${blob}0000` } }),
      'none',
    ],
    ['another path', incident('c.md'), undefined],
    ['another content', incident('a.md', { cause: { at: later, blob: 'ffffffffffffffff' } }), undefined],
    ['a deletion', incident('b.md', { cause: deletion }), 'none'],
    ['an incident without a cause', incident('b.md', { cause: null }), 'none'],
  ])('%s', (_name, told, verdict) => {
    expect(labelOf(told, labels)?.verdict).toBe(verdict);
  });
});

describe('sharesOf', () => {
  const labels = [
    label('loss.md', 'loss'),
    label('none.md', 'none'),
    label('open.md', 'unknown'),
    label('f.md', 'fact'),
  ];
  const told = ['loss.md', 'none.md', 'none.md', 'none.md', 'open.md', 'f.md', 'new.md'].map(path => incident(path));

  it('counts only what is decided as right or wrong', () => {
    expect(sharesOf(told, labels)).toEqual({ loss: 1, none: 3, fact: 1, unknown: 1, notJudged: 1, precision: 0.25 });
  });

  it('has no precision where nothing is decided', () => {
    expect(sharesOf([incident('new.md')], labels).precision).toBeNaN();
  });

  it('adds homes up by their counts, not by their shares', () => {
    const all = sum([sharesOf(told, labels), sharesOf([incident('loss.md')], labels)]);
    expect(all).toEqual({ loss: 2, none: 3, fact: 1, unknown: 1, notJudged: 1, precision: 0.4 });
  });
});

describe('rowSharesOf', () => {
  const labels = [label('x/a.md', 'loss'), label('x/b.md', 'loss'), label('x/c.md', 'none'), label('y.md', 'none')];
  const of = (path: string, at = '2026-03-01T10:00:00.000Z') =>
    incident(path, { cause: { at, blob: labels[0]!.blob }, lost: {}, restore: 'r', root: 'claude' });

  it('counts what the table tells as one row once, by most of its files', () => {
    const together = ['x/a.md', 'x/b.md', 'x/c.md'].map(path => of(path));
    expect(rowSharesOf(together, labels)).toMatchObject({ loss: 1, none: 0 });
    expect(rowSharesOf([...together, of('y.md', '2026-04-01T10:00:00.000Z')], labels)).toMatchObject({
      loss: 1,
      none: 1,
      precision: 0.5,
    });
  });

  it('counts what is told apart for itself', () => {
    const apart = ['x/a.md', 'x/b.md', 'x/c.md'].map((path, day) => of(path, `2026-03-0${day + 1}T10:00:00.000Z`));
    expect(rowSharesOf(apart, labels)).toMatchObject({ loss: 2, none: 1 });
  });
});

describe('foundLosses', () => {
  const commits = { 'shown.md': 'a', 'quiet.md': 'a', 'weak.md': 'b', 'back.md': 'c', 'missed.md': 'd' };
  const labels = Object.entries(commits).map(([path, commit]) => label(path, 'loss', { commit }));
  const low = { weak: true, severity: 'low' };

  it('takes the loudest incident of each commit', () => {
    const told = [
      incident('shown.md', low),
      incident('shown.md'),
      incident('weak.md', low),
      incident('back.md', { state: 'resolved' }),
      incident('other.md'),
    ];
    expect(foundLosses(told, [...labels, label('other.md', 'none')])).toEqual({
      shown: 1,
      weak: 1,
      resolved: 1,
      missed: [labels[4]],
      files: 5,
      toldFiles: 3,
    });
  });
});

describe('rowsOf', () => {
  it('counts rows, not the lines that continue one', () => {
    const table = [
      'warning: something',
      '',
      'id      certainty  when   path    what',
      'abc123  likely     10:00  a.md    lost: a section and',
      '                                  2 list items',
      'def456  possible   10:01  b.md    lost: 9 sections',
      '+ 8 alike',
      '',
      '9 open incidents',
    ];
    expect(rowsOf(table.join('\n'))).toBe(2);
  });

  it('finds none where there is no table', () => {
    expect(rowsOf('no open incidents\n')).toBe(0);
  });
});

describe('median', () => {
  it.each([
    [[3], 3],
    [[9, 1, 5], 5],
  ])('%j', (values, expected) => {
    expect(median(values)).toBe(expected);
  });

  it('is not a number of nothing', () => {
    expect(median([])).toBeNaN();
  });
});

/** Rules that wait, throw or return what is no finding: told in words that help, and nobody else is silenced. */
import { describe, expect, it } from 'vitest';
import { checkLines } from '../../src/audit/check-findings.ts';
import type { Finding, Rule } from '../../src/rule.ts';
import { audit } from '../helpers/stories.ts';

const steps = ['a.md', 'b.md'].flatMap((path, i) => [
  { path, at: 1_000_000 + i, text: 'one\n' },
  { path, at: 2_000_000 + i, text: 'two\n' },
]);
const rule = (id: string, checkPath: Rule['checkPath']): Rule => ({
  id,
  summary: 'It happened.',
  severity: 'low',
  options: {},
  checkPath: checkPath!,
});
const finding = (path: string): Finding => ({
  path,
  message: 'it is so',
  certainty: 'likely',
  lost: null,
  cause: null,
  base: null,
  units: [],
  evidence: [],
});
const good = rule('good', async file => [finding(file.path)]);

it.each([
  ['while a rule waits for ever', async (stop: AbortController) => void setImmediate(() => stop.abort('enough')), true],
  ['before it looks at the first path', async (stop: AbortController) => stop.abort('enough'), false],
])('an audit that is stopped %s ends with the reason, and no rule is to blame', async (_, begin, isAsked) => {
  const stop = new AbortController();
  let asked = 0;
  const waits = rule('waits', () => {
    asked++;
    return new Promise(() => {});
  });
  await begin(stop);
  await expect(audit(steps, [waits, good], { signal: stop.signal })).rejects.toBe('enough');
  expect(asked).toBe(isAsked ? 1 : 0);
});

it('one that waits for ever is asked once, told once, and the others are asked of every path', async () => {
  const asked: string[] = [];
  const waits = rule('waits', file => {
    asked.push(file.path);
    return new Promise(() => {});
  });
  const late = async () => {
    throw Object.assign(new Error('it has not ended after 60 seconds'), { code: 'ETIMEDOUT' });
  };
  const { incidents, failedRules } = await audit(steps, [waits, good], {
    patience: (asks, check) => (asks === waits ? late() : check),
  });
  expect(asked).toHaveLength(1);
  expect(failedRules).toEqual([
    {
      rule: 'waits',
      path: asked[0],
      message: 'it has not ended after 60 seconds, so it was not asked again',
    },
  ]);
  expect(incidents.map(({ path }) => path).sort()).toEqual(['a.md', 'b.md']);
});

it('one that throws is asked of the next path all the same', async () => {
  const throws = rule('throws', async file => {
    if (file.path === 'a.md') throw new Error('no idea');
    return [finding(file.path)];
  });
  const { incidents, failedRules } = await audit(steps, [throws]);
  expect(failedRules).toEqual([{ rule: 'throws', path: 'a.md', message: 'no idea' }]);
  expect(incidents.map(({ path }) => path)).toEqual(['b.md']);
});

describe('what is no finding is refused', () => {
  it.each([
    ['a typing error', { standng: true }, '`standng` is no property of a finding; did you mean standing?'],
    ['a stranger', { colour: 'red' }, '`colour` is no property of a finding'],
    ['a path of nowhere', { path: 'c.md' }, '`path` of a finding is "c.md", of which there is no history'],
    ['an absolute path', { path: '/a.md' }, '`path` of a finding is "/a.md", of which there is no history'],
  ])('%s', async (_, wrong, message) => {
    const bad = rule('bad', async file => [{ ...finding(file.path), ...wrong }]);
    const { incidents, failedRules } = await audit(steps, [bad, good]);
    expect(failedRules).toEqual(['a.md', 'b.md'].map(path => ({ rule: 'bad', path, message })));
    expect(incidents).toHaveLength(2);
  });

  it('but every property of a finding may be there, and a path of another file', async () => {
    const all = rule('all', async () => [
      { ...finding('b.md'), severity: 'high', related: ['a.md'], advice: 'look', proposed: ['x'], standing: true },
    ]);
    const { incidents, failedRules } = await audit(steps, [all]);
    expect(failedRules).toEqual([]);
    expect(incidents).toMatchObject([{ path: 'b.md', severity: 'high', standing: true }]);
  });
});

it('a message of two lines is refused, unless the second comes of a name that it quotes', () => {
  const wrong = { ...finding('a.md'), message: 'one\ntwo' };
  expect(() => checkLines([finding('a.md'), wrong])).toThrow(
    '`message` of a finding is "one\\ntwo", but must be one line',
  );
  const unit = { kind: 'line', name: 'x\ny', text: '', place: '', fingerprint: 'f', start: 0, end: 0 };
  const quoting = { ...finding('a\nb.md'), message: 'a\nb.md has lost x\ny', units: [unit] };
  expect(() => checkLines([quoting])).not.toThrow();
  for (const odd of [undefined, 7, [null], [7], [{ message: 'm', units: 7 }]]) {
    expect(() => checkLines(odd)).not.toThrow();
  }
});

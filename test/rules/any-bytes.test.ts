/** Whatever stands in the files: no rule throws, and what one says can be told. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { rules } from '../../rules/index.ts';
import { isNoiseUnit } from '../../src/home/noise-units.ts';
import type { Step } from '../helpers/stories.ts';
import { audit, noon } from '../helpers/stories.ts';

const paths = [
  'settings.json',
  '../.claude.json',
  'plugins/installed_plugins.json',
  'keybindings.json',
  'history.jsonl',
  'projects/x/1.jsonl',
  'logs/x.log',
  'daemon/cursor.json',
  'tasks/x/.highwatermark',
  'projects/x/memory/MEMORY.md',
  'skills/x/SKILL.md',
];

const whole = fc.oneof(
  fc.json({ maxDepth: 3 }),
  fc.object({ maxDepth: 3 }).map(value => JSON.stringify(value)),
  fc.constantFrom(
    '{"hooks":{"Stop":[{"hooks":[{"command":"x"}]},7,null]},"permissions":{"allow":["a",{"b":1}]},"numStartups":4}',
    '{"hooks":null,"permissions":[],"mcpServers":{"__proto__":{"command":1}},"env":"x","numStartups":"3"}',
    '{"version":2,"plugins":{"a@m":null,"constructor":[]},"enabledPlugins":{"a@m":true}}',
    '{"uuid":"1","timestamp":"never"}\n{"uuid":2}\nnull\n[]\n{"timestamp":1e400}\n',
    '---\nname: x\n---\n\n# A\n\n- [a](a.md)\n<<<<<<< a\nb\n=======\nc\n>>>>>>> d\n',
    '7',
    '2026-99-99',
  ),
  fc.string({ unit: 'binary', maxLength: 80 }),
);

/** As it was, or with what happens to files: cut, padded, marked, put together twice, emptied. */
const text = fc
  .tuple(whole, fc.nat(6), fc.nat(200))
  .map(
    ([said, how, at]) =>
      [
        said,
        said.slice(0, at),
        `${said}${'\0'.repeat(at % 40)}`,
        `\uFEFF${said}`,
        `${said}\n${said}`,
        '',
        `${said.slice(0, at)}\0${said.slice(at)}`,
      ][how]!,
  );

it('no rule throws', async () => {
  const step = fc.record({
    path: fc.constantFrom(...paths),
    text: fc.option(text, { freq: 8 }),
    after: fc.constantFrom(10, 30_000, 9e6),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 14 }), async list => {
      let at = noon;
      const steps: Step[] = list.map(({ path, text, after }) => {
        at += after;
        return { path, text, at };
      });
      const { incidents, failedRules } = await audit(steps, rules, { isNoise: isNoiseUnit });
      expect(failedRules).toEqual([]);
      for (const { message, units, path } of incidents) {
        expect(message).not.toMatch(/undefined|NaN|\[object|Infinity|\n/);
        expect(units.length).toBeGreaterThan(0);
        expect(paths).toContain(path);
      }
    }),
    { numRuns: 250, seed: 20 },
  );
});

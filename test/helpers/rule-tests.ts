/** What every rule's test does: caught beside quiet, and mutants of the rule that these tables must notice. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Rule } from '../../src/rule.ts';
import type { Extra, Step } from './stories.ts';
import { audit, inShort } from './stories.ts';

export interface RuleTables<Line> {
  readonly rule: Rule;
  /** What else the audits of these tables are given: options, who wrote what. */
  extra?(steps: readonly Step[]): Extra;
  told(lines: readonly Line[]): readonly Step[];
  readonly caught: readonly (readonly [title: string, lines: readonly Line[], said: readonly string[]])[];
  readonly quiet: readonly (readonly [title: string, lines: readonly Line[]])[];
  /** Text of the rule's source that is replaced, once. */
  readonly mutants: readonly (readonly [what: string, from: string, to: string])[];
}

export function testRule<Line>({ rule, told, extra, caught, quiet, mutants }: RuleTables<Line>): void {
  const run = (steps: readonly Step[], by: Rule) => audit(steps, [by], extra?.(steps) ?? {});
  const say = async (lines: readonly Line[], by: Rule) => {
    const { incidents, failedRules } = await run(told(lines), by);
    expect(failedRules).toEqual([]);
    return incidents.map(inShort);
  };

  describe(`${rule.id} catches`, () => {
    it.each(caught)('%s', async (_, lines, said) => expect(await say(lines, rule)).toEqual(said));
  });

  describe(`${rule.id} leaves alone`, () => {
    it.each(quiet)('%s', async (_, lines) => expect(await say(lines, rule)).toEqual([]));
  });

  describe(`${rule.id} is noticed when it is broken`, () => {
    const folder = mkdtempSync(join(home, 'test', `.mutant-${rule.id}-`));
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    it.each(mutants)('%s', async (what, from, to) => {
      const sources = sourcesOf(rule.id);
      const places = sources.flatMap(({ text }) => text.split(from).slice(1));
      expect(places, 'the place to change stands there once').toHaveLength(1);
      const name = what.replaceAll(/\W+/g, '-');
      for (const { path, text } of sources) {
        const target = join(folder, name, path);
        mkdirSync(dirname(target), { recursive: true });
        // Two folders deeper than where it comes from.
        writeFileSync(target, text.replace(from, () => to).replaceAll(/'((?:\.\.\/)+src\/rule\.ts)'/g, "'../../$1'"));
      }
      const file = join(folder, name, `${rule.id}.ts`);
      const { default: mutant } = (await import(/* @vite-ignore */ file)) as { default: Rule };
      expect(await isNoticed(mutant)).toBe(true);
    });
  });

  async function isNoticed(mutant: Rule): Promise<boolean> {
    for (const [, lines, said = []] of [...caught, ...quiet]) {
      const { incidents, failedRules } = await run(told(lines as readonly Line[]), mutant);
      if (failedRules.length > 0 || incidents.map(inShort).join() !== said.join()) return true;
    }
    return false;
  }
}

const home = join(import.meta.dirname, '../..');

/** The rule's file, and those in the folder of its name. */
function sourcesOf(id: string): readonly { readonly path: string; readonly text: string }[] {
  const folder = join(home, 'rules', id);
  const parts = existsSync(folder) ? readdirSync(folder).map(name => join(id, name)) : [];
  return [`${id}.ts`, ...parts].map(path => ({ path, text: readFileSync(join(home, 'rules', path), 'utf8') }));
}

/** Rules of a person's own: the modules of a folder, each with a rule as its default export. */
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkRule } from '../audit/load-rules.ts';
import { UndertextError } from '../errors.ts';
import type { Rule } from '../rule.ts';

/** @throws UndertextError `config` that names file, property and value */
export async function ownRules(
  folders: readonly string[],
  cwd: string,
  known: readonly Rule[],
): Promise<readonly Rule[]> {
  const rules: Rule[] = [];
  for (const file of folders.flatMap(folder => modulesOf(resolve(cwd, folder)))) {
    const rule = checkRule(await load(file), file);
    if ([...known, ...rules].some(({ id }) => id === rule.id)) {
      throw new UndertextError('config', `${file}: there is a rule "${rule.id}" already`, 'give it another id');
    }
    rules.push(rule);
  }
  return rules;
}

function modulesOf(folder: string): readonly string[] {
  try {
    const names = readdirSync(folder).filter(name => /\.m?js$/.test(name));
    return names.sort().map(name => join(folder, name));
  } catch (error) {
    throw new UndertextError('usage', `the folder of rules ${folder} cannot be read`, 'check --rules', error);
  }
}

async function load(file: string): Promise<unknown> {
  try {
    return ((await import(pathToFileURL(file).href)) as { default?: unknown }).default;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UndertextError(
      'config',
      `${file} cannot be loaded: ${why}`,
      '`rules/README.md` shows a whole rule',
      error,
    );
  }
}

/** Rules of a person's own: the modules of a folder, each with a rule as its default export. */
import { readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { checkRule } from '../audit/load-rules.ts';
import { errno, UndertextError } from '../errors.ts';
import type { Rule } from '../rule.ts';
import { loadModule } from './load-module.ts';

/** A folder of rules, and who names it: `--rules`, or a line of the configuration. */
export interface RulesFolder {
  readonly path: string;
  readonly from: string;
}

export interface OwnRule {
  readonly rule: Rule;
  readonly file: string;
}

/** @throws UndertextError `config` that names file, property and value; `usage` for a folder that cannot be read */
export async function ownRules(folders: readonly RulesFolder[], known: readonly Rule[]): Promise<readonly OwnRule[]> {
  const files = new Set(folders.flatMap(modulesOf));
  const rules: OwnRule[] = [];
  for (const file of files) {
    const rule = await ownRule(file);
    const twin = rules.find(other => other.rule.id === rule.id)?.file;
    if (twin !== undefined || known.some(({ id }) => id === rule.id)) {
      const where = twin === undefined ? 'built in' : `in ${twin}`;
      const message = `${file}: \`id\` is "${rule.id}", but there is a rule of that name already, ${where}`;
      throw new UndertextError('config', message, 'give it another id');
    }
    rules.push({ rule, file });
  }
  return rules;
}

/** The rule in this file. @throws UndertextError `config` */
export async function ownRule(file: string): Promise<Rule> {
  return checkRule(await loadModule(file), file);
}

/** What may hold a rule. Folders below are not looked into: what several rules share goes there. */
const moduleName = /(?<!\.d|\.test)\.m?[jt]s$/;

/** The modules of a folder, but not the sources beside what was compiled of them. */
function modulesOf({ path, from }: RulesFolder): readonly string[] {
  try {
    const folder = realpathSync(path);
    const names = readdirSync(folder, { withFileTypes: true })
      .filter(entry => !entry.isDirectory() && moduleName.test(entry.name))
      .map(entry => entry.name);
    return names
      .filter(name => !/\.m?ts$/.test(name) || !names.includes(name.replace(/ts$/, 'js')))
      .sort()
      .map(name => join(folder, name));
  } catch (error) {
    const why = { ENOENT: 'is not there', ENOTDIR: 'is a file, not a folder' }[errno(error) ?? ''] ?? 'cannot be read';
    const message = `${from}: the folder of rules ${path} ${why}`;
    throw new UndertextError(from === '--rules' ? 'usage' : 'config', message, 'name a folder that holds rules', error);
  }
}

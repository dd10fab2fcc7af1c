/** Rules of a person's own: the modules of a folder, each with a rule as its default export. */
import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { checkLines } from '../audit/check-findings.ts';
import { checkRule } from '../audit/load-rules.ts';
import { errno, UndertextError } from '../errors.ts';
import type { Rule } from '../rule.ts';
import { loadModule } from './load-module.ts';
import { placeIn } from './place-in.ts';

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
      throw new UndertextError('config', message, isSame(file, twin) ? sameTwice(file, twin!) : 'give it another id');
    }
    rules.push({ rule, file });
  }
  return rules;
}

function isSame(file: string, twin: string | undefined): boolean {
  return twin !== undefined && readFileSync(file).equals(readFileSync(twin));
}

function sameTwice(file: string, twin: string): string {
  const where = dirname(file) === dirname(twin) ? 'in two files' : 'from two folders';
  return `it is the same rule ${where}: leave one out`;
}

/** The rule in this file; what it throws says where. @throws UndertextError `config` */
export async function ownRule(file: string): Promise<Rule> {
  const rule = checkRule(await loadModule(file), file);
  return {
    id: rule.id,
    summary: rule.summary,
    severity: rule.severity,
    options: rule.options,
    ...(rule.classes ? { classes: rule.classes } : {}),
    ...(rule.checkPath ? { checkPath: (path, tools) => located(file, () => rule.checkPath!(path, tools)) } : {}),
    ...(rule.checkFolder
      ? { checkFolder: (folder, tools) => located(file, () => rule.checkFolder!(folder, tools)) }
      : {}),
  };
}

async function located<T>(file: string, check: () => Promise<T>): Promise<T> {
  try {
    const findings = await check();
    checkLines(findings);
    return findings;
  } catch (error) {
    const place = placeIn(file, error);
    if (place === null) throw error;
    throw new Error(`${(error as Error).message} (${place})`, { cause: error });
  }
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

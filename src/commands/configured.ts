/** The configuration, and the rules that it and the command line name. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { checkOptions } from '../audit/load-rules.ts';
import { errno, UndertextError } from '../errors.ts';
import { type Config, defaultConfig, lineOfKey, parseConfig } from '../home/config.ts';
import { configPlace } from '../home/places.ts';
import type { Rule } from '../rule.ts';
import type { Call } from './command.ts';
import { ownRules, type RulesFolder } from './own-rules.ts';

export interface Configured {
  readonly config: Config;
  /** The file it was read from; null when there is none. */
  readonly file: string | null;
  /** All rules, those that are switched off too, in the order of the report. */
  readonly rules: readonly ConfiguredRule[];
}

export interface ConfiguredRule {
  readonly rule: Rule;
  /** Where it lies; null when it is built in. */
  readonly file: string | null;
  /** The defaults with what the configuration says; null when it is switched off. */
  readonly options: object | null;
}

/** @throws UndertextError `config` or `usage`, which name file, line and key, or file, property and value */
export async function configured(call: Call): Promise<Configured> {
  const { config: written, file, text } = readConfig(call);
  const own = await ownRules(rulesFolders(call, written, file), call.world.rules);
  const all = [...call.world.rules.map(rule => ({ rule, file: null })), ...own];
  const rules = all.map(({ rule }) => rule);
  checkOptions(rules, written.rules, key => `${file}:${lineOfKey(text, key)}`);
  // Once more, now that it is known which rules there are.
  const { config } = readConfig(
    call,
    rules.map(({ id }) => id),
  );
  return { config, file, rules: all.map(each => ({ ...each, options: optionsOf(each.rule, config) })) };
}

/** Where the configuration lies, or would lie. */
export function configFile({ world, text }: Call): string {
  const asked = text('config');
  return asked ? resolve(world.cwd, asked) : configPlace(world.env, world.platform, world.home);
}

function readConfig(
  call: Call,
  rules?: readonly string[],
): Pick<Configured, 'config' | 'file'> & { readonly text: string } {
  const file = configFile(call);
  try {
    const text = readFileSync(file, 'utf8');
    return { config: parseConfig(text, file, rules), file, text };
  } catch (error) {
    if (error instanceof UndertextError) throw error;
    if (errno(error) === 'ENOENT' && !call.text('config')) return { config: defaultConfig, file: null, text: '' };
    const message = `cannot read the configuration ${file}`;
    throw new UndertextError('config', message, 'check the path and its permissions', error);
  }
}

/** `--rules` counts from the current folder, `rulesFolders` from the folder of the configuration. */
function rulesFolders({ world, texts }: Call, config: Config, file: string | null): readonly RulesFolder[] {
  const place = (folder: string, path: string) =>
    resolve(
      folder,
      path.replace(/^~(?=$|[/\\])/, () => world.home),
    );
  const given = texts('rules').map(path => ({ path: place(world.cwd, path), from: '--rules' }));
  const configured = config.rulesFolders.map(({ text, line }) => ({
    path: place(dirname(file ?? ''), text),
    from: `${file}:${line}`,
  }));
  return [...given, ...configured];
}

/** The options of a rule as the configuration has them; null when it switches the rule off. */
export function optionsOf(rule: Rule, config: Config): object | null {
  const given = config.rules[rule.id];
  return given === false ? null : { ...rule.options, ...given, ...indexPairsOf(rule, config) };
}

/** The configuration's `indexPairs` are more pairs of `index-drift`. */
function indexPairsOf(rule: Rule, { indexPairs, rules }: Config): object {
  if (rule.id !== 'index-drift' || indexPairs.length === 0) return {};
  const { pairs = [] } = { ...rule.options, ...rules[rule.id] } as { readonly pairs?: readonly object[] };
  return { pairs: [...pairs, ...indexPairs] };
}

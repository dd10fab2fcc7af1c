/** `undertext rules`: which rules there are, how they are set, what they mean, and whether their examples are true. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { UndertextError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import { pageText } from '../report/page-text.ts';
import { type RuleReport, type RulesReport, rulesJson, rulesText } from '../report/rules-text.ts';
import { isPassed, toldJson, toldText } from '../report/told-stories.ts';
import type { Call, Command } from './command.ts';
import { type ConfiguredRule, configFile, configured } from './configured.ts';
import { styleOf } from './setup.ts';
import { tellStories } from './tell-stories.ts';

export const rulesCommand: Command = {
  name: 'rules',
  summary: 'lists the rules, built-in and your own, with their options; shows the page of one; runs its examples',
  usage: ['rules [ID]', 'rules --test FILE'],
  arguments: 1,
  options: {
    test: { type: 'string', value: 'FILE', help: 'run the examples in the page of a rule: x.md, or x.mjs beside it' },
  },
  examples: [
    { line: 'undertext rules', does: 'all rules: on or off, how grave, options as they are set' },
    { line: 'undertext rules lost-update', does: 'its page: what it catches, what it leaves alone, options' },
    { line: 'undertext rules --rules ./rules', does: 'with rules of your own' },
    { line: 'undertext rules --test rules/past-todo.md', does: 'runs the examples in the page, says which are true' },
  ],
  exits: { 0: 'listed; every example is true', 1: 'an example is not true', 3: 'could not finish' },
  run: async call => {
    const test = call.text('test');
    const [id] = call.arguments;
    if (test !== undefined && id !== undefined) {
      throw new UndertextError(
        'usage',
        '--test and a rule exclude each other',
        '`undertext rules --help` shows examples',
      );
    }
    if (test !== undefined) return await testPage(call, test);
    return id === undefined ? await listRules(call) : await showRule(call, id);
  },
};

async function listRules(call: Call): Promise<0> {
  const report = await reportOf(call);
  await print(call, call.has('json') ? rulesJson(report) : rulesText(report, styleOf(call)));
  return 0;
}

async function showRule(call: Call, id: string): Promise<0> {
  const report = await reportOf(call);
  const rule = report.rules.find(each => each.id === id);
  if (!rule) throw noSuchRule(id, report.rules);
  if (call.has('json')) {
    await print(call, rulesJson({ ...report, rules: [rule] }));
  } else if (rule.page === null) {
    const hint = `write it beside the rule: ${pageBeside(rule.file!)}`;
    throw new UndertextError('not-found', `the rule ${id} has no page`, hint);
  } else await print(call, pageText(readFileSync(rule.page, 'utf8'), styleOf(call)));
  return 0;
}

async function testPage(call: Call, typed: string): Promise<0 | 1> {
  const told = await tellStories(typed, call.world.cwd);
  const style = styleOf(call);
  const isTrue = told.stories.every(isPassed);
  if (call.has('json')) await print(call, toldJson(told));
  else if (!isTrue || !call.has('quiet')) await print(call, toldText(told, style));
  return isTrue ? 0 : 1;
}

/** The folder of the pages of the built-in rules, with `/` at its end: beside `src/`, or beside `dist/src/`. */
const pages = ['../../rules/', '../../../rules/']
  .map(path => fileURLToPath(new URL(path, import.meta.url)))
  .find(path => existsSync(`${path}README.md`))!;

async function reportOf(call: Call): Promise<RulesReport> {
  const { file, rules } = await configured(call);
  return { config: file, configPlace: configFile(call), guide: `${pages}README.md`, rules: rules.map(ruleReportOf) };
}

function ruleReportOf({ rule, file, options }: ConfiguredRule): RuleReport {
  const page = file === null ? `${pages}${rule.id}.md` : pageBeside(file);
  const values: Readonly<Record<string, unknown>> = { ...rule.options, ...options };
  return {
    id: rule.id,
    summary: rule.summary,
    severity: rule.severity,
    isOn: options !== null,
    file,
    page: existsSync(page) ? page : null,
    options: Object.entries(rule.options).map(([name, usual]) => ({ name, value: values[name], default: usual })),
  };
}

function pageBeside(file: string): string {
  return file.replace(/\.m?[jt]s$/, '.md');
}

function noSuchRule(id: string, rules: readonly RuleReport[]): UndertextError {
  const ids = rules.map(rule => rule.id);
  const near = nearest(id, ids);
  const hint = near === null ? `the rules are ${ids.join(', ')}` : `did you mean \`undertext rules ${near}\`?`;
  return new UndertextError('not-found', `there is no rule "${id}"`, hint);
}

function print({ world }: Call, text: string): Promise<void> {
  return world.out.write(text.endsWith('\n') ? text : `${text}\n`);
}

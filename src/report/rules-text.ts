/** The rules with their state and options: for a person, and for a program. */
import { jsonText } from './json-text.ts';
import type { Style } from './style.ts';
import { visible } from './visible.ts';
import { wrap } from './width.ts';

export interface RuleReport {
  readonly id: string;
  readonly summary: string;
  readonly severity: 'high' | 'medium' | 'low';
  readonly isOn: boolean;
  /** Where it lies; null when it is built in. */
  readonly file: string | null;
  readonly page: string | null;
  readonly options: readonly OptionReport[];
}

export interface OptionReport {
  readonly name: string;
  readonly value: unknown;
  readonly default: unknown;
}

export interface RulesReport {
  /** The configuration file; null when there is none. */
  readonly config: string | null;
  /** Where it is looked for. */
  readonly configPlace: string;
  /** The page that says how to write a rule. */
  readonly guide: string;
  readonly rules: readonly RuleReport[];
}

export function rulesText({ config, configPlace, guide, rules }: RulesReport, style: Style): string {
  const blocks = rules.flatMap(rule => ruleLines(rule, config, style));
  const off = rules.filter(({ isOn }) => !isOn).length;
  return [
    ...blocks,
    '',
    `${rules.length} rules${off === 0 ? ', all on' : `, ${off} of them off`}; changed options stand with their defaults`,
    ...wrap(`options are set in ${visible(configPlace)}${config === null ? ' (not there yet)' : ''}`, style.width),
    '',
    'the page of a rule:',
    style.command('undertext rules ID'),
    'how to write your own:',
    visible(guide),
  ].join('\n');
}

const indent = ' '.repeat(13);

function ruleLines(
  rule: RuleReport,
  config: string | null,
  { width, bold, dim, good, warn }: Style,
): readonly string[] {
  const under = (text: string) => wrap(visible(text), width - indent.length).map(line => `${indent}${line}`);
  const state = rule.isOn ? good('on ') : warn('off');
  return [
    `${state}  ${rule.severity.padEnd(6)}  ${bold(rule.id)}`,
    ...under(rule.summary),
    ...(rule.isOn
      ? under(optionsText(rule.options))
          .filter(line => line.trim() !== '')
          .map(dim)
      : []),
    ...(rule.isOn ? [] : under(`switched off in ${config}`).map(dim)),
    ...(rule.file === null ? [] : under(`yours: ${rule.file}`).map(dim)),
  ];
}

function optionsText(options: readonly OptionReport[]): string {
  return options
    .map(option => {
      const text = `${option.name} ${JSON.stringify(option.value)}`;
      return isChanged(option) ? `${text} (default ${JSON.stringify(option.default)})` : text;
    })
    .join(' · ');
}

function isChanged({ value, default: usual }: OptionReport): boolean {
  return JSON.stringify(value) !== JSON.stringify(usual);
}

export function rulesJson({ config, guide, rules }: RulesReport): string {
  return `${jsonText(
    {
      format: 1,
      config,
      guide,
      rules: rules.map(({ id, summary, severity, isOn, file, page, options }) => ({
        id,
        summary,
        severity,
        state: isOn ? 'on' : 'off',
        file,
        page,
        options: options.map(option => ({ ...option, changed: isChanged(option) })),
      })),
    },
    2,
  )}\n`;
}

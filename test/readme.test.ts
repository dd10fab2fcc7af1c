/** The README must not lie: its configuration is valid, the files and commands it names exist. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rules } from '../rules/index.ts';
import { checkOptions } from '../src/audit/load-rules.ts';
import { commands } from '../src/commands/index.ts';
import { defaultConfig, parseConfig } from '../src/home/config.ts';

const home = join(import.meta.dirname, '..');
const readme = readFileSync(join(home, 'README.md'), 'utf8');

describe('the README', () => {
  it('shows a configuration that is taken', () => {
    const [, text = ''] = /```jsonc\n([\s\S]*?)```/.exec(readme) ?? [];
    const config = parseConfig(text, 'README.md');
    checkOptions(rules, config.rules, () => 'README.md');
    expect(config.roots).toHaveLength(2);
  });

  it('names tests and pages that exist', () => {
    const prose = readme.replace(/```[\s\S]*?```/g, '');
    const named = [...prose.matchAll(/`(test\/[\w/.-]+)`|\]\(((?!http)[\w/.-]+)\)/g)].map(([, a, b]) => a ?? b!);
    expect(named.length).toBeGreaterThan(12);
    expect(named.filter(path => !existsSync(join(home, path)))).toEqual([]);
  });

  it('lists the rules, in the order of the report', () => {
    const listed = [...readme.matchAll(/^\| \[`([\w-]+)`\]\(rules\/\1\.md\)/gm)].map(([, id]) => id!);
    expect(listed).toEqual(rules.map(rule => rule.id));
  });

  it('says what each key of the configuration means', () => {
    const table = /\| key \| left out[\s\S]*?\n\n/.exec(readme)?.[0] ?? '';
    const told = [...table.matchAll(/^\| `(\w+)`/gm)].map(([, key]) => key!);
    expect(told.sort()).toEqual([...Object.keys(defaultConfig), 'polling'].sort());
  });

  it('names commands that exist', () => {
    const known = new Set(commands.map(command => command.name));
    const named = [...readme.matchAll(/undertext ([a-z]+)/g)].map(([, name]) => name!);
    const words = new Set(['is', 'sees', 'writes', 'first']); // the tool itself as the subject of a sentence
    expect(named.filter(name => !known.has(name) && !words.has(name))).toEqual([]);
  });
});

describe('the map of the code', () => {
  it('names tests that exist', () => {
    const map = readFileSync(join(home, 'src/README.md'), 'utf8');
    const named = [...map.matchAll(/`\.\.\/(test\/[\w/.-]+)`/g)].map(([, path]) => path!);
    expect(named.length).toBeGreaterThan(7);
    expect(named.filter(path => !existsSync(join(home, path)))).toEqual([]);
  });
});

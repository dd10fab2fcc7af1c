/** The examples of one page, told to the rule beside it. */
import { existsSync, readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { checkOptions } from '../audit/load-rules.ts';
import { UndertextError } from '../errors.ts';
import type { ToldPage, ToldStory } from '../report/told-stories.ts';
import type { Rule } from '../rule.ts';
import { audit, inShort } from '../stories/audit-story.ts';
import { type PageStory, recordsOf, storiesOf } from '../stories/page.ts';
import { inTime } from './load-module.ts';
import { ownRule } from './own-rules.ts';

/** A rule that looks at an example for longer does so for ever (milliseconds). */
const patienceMs = 10_000;

/** @throws UndertextError `usage` when page or rule is missing, `config` when one of them is wrong */
export async function tellStories(typed: string, cwd: string): Promise<ToldPage> {
  const { page, file } = pairOf(resolve(cwd, typed));
  const rule = await ownRule(file);
  const stories = storiesIn(page);
  const told: ToldStory[] = [];
  for (const story of stories) {
    checkOptions([rule], { [rule.id]: story.options }, () => `${page}, the story "${story.title}"`);
    told.push(await tell(story, rule));
  }
  return { rule: rule.id, page, stories: told };
}

const endings = ['.mjs', '.js', '.mts', '.ts'];

/** The page and the rule beside it, whichever of the two was named. */
function pairOf(path: string): { readonly page: string; readonly file: string } {
  const stem = path.replace(/\.(md|m?[jt]s)$/, '');
  if (stem === path) {
    throw new UndertextError(
      'usage',
      `${path} is neither a page nor a rule`,
      'name x.md, or the rule: x.mjs, x.js, x.ts',
    );
  }
  const page = `${stem}.md`;
  const file = path.endsWith('.md') ? endings.map(end => stem + end).find(existsSync) : path;
  if (!existsSync(path)) throw new UndertextError('usage', `there is no file ${path}`, 'check the path');
  if (file === undefined) {
    const name = basename(stem);
    throw new UndertextError(
      'usage',
      `there is no rule beside ${page}`,
      `put ${name}.mjs, ${name}.js or ${name}.ts there`,
    );
  }
  if (!existsSync(page)) {
    throw new UndertextError('usage', `there is no page beside ${file}`, `write ${basename(page)} with examples in it`);
  }
  return { page, file };
}

function storiesIn(page: string): readonly PageStory[] {
  try {
    const stories = storiesOf(readFileSync(page, 'utf8'));
    if (stories.length > 0) return stories;
    const hint = 'an example is a fenced block that begins with ```story and its title';
    throw new UndertextError('config', `${page} has no examples`, hint);
  } catch (error) {
    if (!(error instanceof UndertextError) || error.message.startsWith(page)) throw error;
    throw new UndertextError('config', `${page}: ${error.message}`, error.hint, error);
  }
}

async function tell({ title, options, steps, said }: PageStory, rule: Rule): Promise<ToldStory> {
  const { incidents, failedRules } = await audit(steps, [rule], {
    options: { [rule.id]: options },
    ...recordsOf(steps),
    patience: (_, check) => inTime(check, patienceMs),
  });
  const told = incidents.map(({ path, message, findings, baseline }) => ({
    path,
    message,
    evidence: findings.flatMap(finding => finding.evidence),
    isOld: baseline === true,
  }));
  return { title, expected: said, got: incidents.map(inShort), told, failure: failedRules[0]?.message ?? null };
}

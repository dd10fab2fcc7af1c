/** What became of the examples in a rule's page: for a person, and for a program. */
import { jsonText } from './json-text.ts';
import { count } from './sizes.ts';
import type { Style } from './style.ts';
import { visible } from './visible.ts';

export interface ToldStory {
  readonly title: string;
  /** `possible low: two`, one for each incident; none: quiet. */
  readonly expected: readonly string[];
  readonly got: readonly string[];
  /** The incidents of `got`, in their order; `isOld`: an audit counts it as what was so at the first look. */
  readonly told: readonly {
    readonly path: string;
    readonly message: string;
    readonly evidence: readonly string[];
    readonly isOld: boolean;
  }[];
  /** What the rule stumbled over; null when it did not. */
  readonly failure: string | null;
}

export interface ToldPage {
  readonly rule: string;
  readonly page: string;
  readonly stories: readonly ToldStory[];
}

export function isPassed({ expected, got, failure }: ToldStory): boolean {
  return failure === null && expected.join('\n') === got.join('\n');
}

export function toldText({ page, stories }: ToldPage, style: Style): string {
  const failed = stories.filter(story => !isPassed(story)).length;
  const end =
    failed === 0
      ? style.good(`${count(stories.length, 'example')} passed`)
      : style.bad(`${failed} of ${count(stories.length, 'example')} failed`);
  return [visible(page), ...stories.flatMap(story => storyLines(story, style)), '', end].join('\n');
}

function storyLines(story: ToldStory, style: Style): readonly string[] {
  const title = visible(story.title);
  if (isPassed(story)) return [`  ${style.good('passed')}  ${title}`];
  const told = (said: readonly string[]) => (said.length === 0 ? ['quiet'] : said.map(visible));
  const named = (name: string, said: readonly string[]) =>
    told(said).map((line, at) => `          ${(at === 0 ? name : '').padEnd(8)}  ${line}`);
  const got =
    story.failure === null ? gotLines(story, named) : [`          the rule failed: ${visible(story.failure)}`];
  return [`  ${style.bad('failed')}  ${title}`, ...named('expected', story.expected), ...got];
}

/** What came, and below each of it what a person would have been told. */
function gotLines(
  { got, told }: ToldStory,
  named: (name: string, said: readonly string[]) => readonly string[],
): readonly string[] {
  return named('got', got).flatMap((line, at) => {
    const incident = told[at];
    if (!incident) return [line];
    const old = incident.isOld ? ' (an audit only counts it: it was so at the first look)' : '';
    const below = [`${incident.path}: ${incident.message}${old}`, ...incident.evidence.map(each => `- ${each}`)];
    return [line, ...below.map(each => `${' '.repeat(22)}${visible(each)}`)];
  });
}

export function toldJson({ rule, page, stories }: ToldPage): string {
  const each = stories.map(story => ({ passed: isPassed(story), ...story }));
  return `${jsonText({ format: 1, rule, page, stories: each }, 2)}\n`;
}

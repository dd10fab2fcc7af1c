/** Sentences nobody wrote: words of a trade in patterns, as notes of several hands have them. */
import type { Random } from './random.ts';

const things =
  'cache buffer emitter parser index router worker session token schema branch deploy server client bundle queue socket cursor lexer migration fixture pipeline registry snapshot ledger renderer scheduler handler adapter gateway profile webhook manifest container cluster volume secret policy template report invoice payment account search filter editor toolbar sidebar dialog tooltip canvas widget theme palette keyboard shortcut plugin extension package module compiler linter formatter debugger tracer metric alarm dashboard backup archive mirror replica shard table column trigger view cron timer retry timeout circuit limiter proxy balancer certificate cookie header payload response request upload download stream chunk frame pixel shader texture mesh camera scene physics audio sample mixer voice caption subtitle locale currency calendar holiday address contact message thread mailbox inbox label digest newsletter survey question answer review rating badge coupon order basket checkout refund shipment parcel warehouse supplier catalog category product variant price discount tax'.split(
    ' ',
  );
const deeds =
  'clear rebuild restart verify measure rename split merge pin upgrade downgrade migrate archive drop guard lock mock stub trace audit sign rotate compress encode decode escape quote trim pad sort group batch debounce throttle retry cancel pause resume replay seed freeze thaw warm drain flush sync fetch push publish tag release announce document review approve reject revert patch backport'.split(
    ' ',
  );
const kinds =
  'shared stale broken empty nested hidden public private legacy nightly weekly partial atomic eager lazy remote local signed strict loose cold hot frozen orphaned duplicate oversized flaky slow brittle verbose silent optional required default custom temporary permanent'.split(
    ' ',
  );
const joins = [
  'before the',
  'after every',
  'when the',
  'unless the',
  'because the',
  'together with the',
  'never inside the',
];

export interface Words {
  sentence(): string;
  /** A short name, as a file or a heading has it. */
  title(): string;
  word(): string;
  number(): string;
}

export function wordsOf(random: Random): Words {
  const word = () => random.pick(random.chance(0.6) ? things : kinds);
  const number = () => String(2 + random.int(97));
  const clause = () => `${random.pick(kinds)} ${random.pick(things)}`;
  const sentence = () => {
    const first = `${random.pick(deeds)} the ${clause()} ${random.pick(joins)} ${clause()}`;
    const more = random.chance(0.5) ? ` ${random.pick(deeds)}s` : '';
    const extra = random.chance(0.4) ? `, at most ${number()} ${random.pick(things)}s` : '';
    const end = random.chance(0.3) ? `; ${random.pick(deeds)} ${random.pick(things)} ${number()} first` : '';
    return `${first}${more}${extra}${end}`;
  };
  const title = () =>
    `${random.pick(kinds)} ${random.pick(things)}${random.chance(0.5) ? ` ${random.pick(things)}` : ''}`;
  return { sentence, title, word, number };
}

/** The same said with other words: so much of them stays (0 to 1). */
export function reworded(text: string, share: number, words: Words, random: Random): string {
  return text.replace(/\p{L}{3,}(?![^([]*\))/gu, word => (random.chance(share) ? word : words.word()));
}

/** One to `most` words of a line are others, and where it points: a line of the same pattern. */
export function alike(text: string, most: number, words: Words, random: Random): string {
  const target = /\]\(([^)]*)\)/.exec(text)?.[1];
  let line = text.split('\n')[0]!;
  if (target !== undefined) {
    const slug = words.title().replaceAll(' ', '-');
    const to = target.replace(/[^/]*(\.\w+)$/, `${slug}$1`);
    line = line.replace(/\[[^\]]*\]\([^)]*\)/, `[${slug}](${to === target ? `${slug}.md` : to})`);
  }
  const places = [...line.matchAll(/\p{L}{3,}(?![^([]*[)\]])/gu)];
  for (const place of random
    .shuffled(places)
    .slice(0, 1 + random.int(most))
    .sort((a, b) => b.index - a.index)) {
    line = `${line.slice(0, place.index)}${words.word()}${line.slice(place.index + place[0].length)}`;
  }
  return line;
}

/** The same in a tongue that shares no word with it: each word always becomes the same one. */
export function translated(text: string): string {
  return text.replace(/\p{L}+(?![^([]*\))/gu, word =>
    [...word.toLowerCase()]
      .map(letter => tongue[letter] ?? letter)
      .join('')
      .concat('o'),
  );
}

const tongue: Readonly<Record<string, string>> = Object.fromEntries(
  [...'abcdefghijklmnopqrstuvwxyz'].map((letter, i) => [letter, 'eiouaklmnprstvzbdfghjcyxqw'[i]!]),
);

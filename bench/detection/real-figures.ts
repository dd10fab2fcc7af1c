/** Incidents of real histories, and labels → how often the program is right, and what it misses. */
import type { Incident } from '../../src/model.ts';
import { alike } from '../../src/report/alike.ts';
import { labelOf, type RealIncident, type RealLabel, type RealVerdict } from './real-labels.ts';

export interface RealRun {
  readonly home: string;
  readonly versions: number;
  /** Rows of the table that `audit` prints. */
  readonly rows: number;
  readonly incidents: readonly RealIncident[];
}

export interface Shares {
  readonly loss: number;
  readonly none: number;
  readonly fact: number;
  readonly unknown: number;
  readonly notJudged: number;
  /** Losses among the decided ones (loss or none), 0 to 1; NaN when none is decided. */
  readonly precision: number;
}

/** One commit may take text from many files: it is one loss, and as loud as the loudest that is told of it. */
export interface FoundLosses {
  readonly shown: number;
  /** Open, but listed by `audit --all` only. */
  readonly weak: number;
  /** Told, and the text is back by now. */
  readonly resolved: number;
  /** The first label of each loss of which nothing is told. */
  readonly missed: readonly RealLabel[];
  /** Files that are labelled, over all these losses, and those of which anything is told. */
  readonly files: number;
  readonly toldFiles: number;
}

export function isShown({ state, weak }: RealIncident): boolean {
  return state === 'open' && !weak;
}

export function sharesOf(incidents: readonly RealIncident[], labels: readonly RealLabel[]): Shares {
  const verdicts = incidents.map(incident => labelOf(incident, labels)?.verdict ?? null);
  const count = (verdict: RealVerdict | null) => verdicts.filter(each => each === verdict).length;
  const [loss, none] = [count('loss'), count('none')];
  return {
    loss,
    none,
    fact: count('fact'),
    unknown: count('unknown'),
    notJudged: count(null),
    precision: loss / (loss + none),
  };
}

/** The same by rows of the table: a row of several files is right when at least half of its decided ones are. */
export function rowSharesOf(incidents: readonly RealIncident[], labels: readonly RealLabel[]): Shares {
  const verdicts = rowsOfIncidents(incidents).map(row => {
    const { loss, none, fact, unknown } = sharesOf(row, labels);
    if (loss + none > 0) return loss >= none ? 'loss' : 'none';
    return fact > 0 ? 'fact' : unknown > 0 ? 'unknown' : null;
  });
  const count = (verdict: RealVerdict | null) => verdicts.filter(each => each === verdict).length;
  const [loss, none] = [count('loss'), count('none')];
  const others = { fact: count('fact'), unknown: count('unknown'), notJudged: count(null) };
  return { loss, none, ...others, precision: loss / (loss + none) };
}

/** As the table puts them together: `audit --json` has times as text. */
export function rowsOfIncidents(incidents: readonly RealIncident[]): readonly (readonly RealIncident[])[] {
  const told = new Map(
    incidents.map(incident => {
      const cause = incident.cause && { ...incident.cause, at: Date.parse(incident.cause.at) };
      return [{ ...incident, cause } as unknown as Incident, incident];
    }),
  );
  return alike([...told.keys()]).map(row => row.map(incident => told.get(incident)!));
}

export function sum(shares: readonly Shares[]): Shares {
  const total = (key: Exclude<keyof Shares, 'precision'>) => shares.reduce((all, each) => all + each[key], 0);
  const [loss, none] = [total('loss'), total('none')];
  const others = { fact: total('fact'), unknown: total('unknown'), notJudged: total('notJudged') };
  return { loss, none, ...others, precision: loss / (loss + none) };
}

/** Of the commits that are labelled as losses: what the program says of each. */
export function foundLosses(incidents: readonly RealIncident[], labels: readonly RealLabel[]): FoundLosses {
  const told = new Map<RealLabel, RealIncident[]>();
  for (const incident of incidents) {
    const label = labelOf(incident, labels);
    if (label) told.set(label, [...(told.get(label) ?? []), incident]);
  }
  const losses = labels.filter(({ verdict }) => verdict === 'loss');
  const found = { shown: 0, weak: 0, resolved: 0, missed: [] as RealLabel[] };
  for (const commit of new Set(losses.map(loss => loss.commit))) {
    const group = losses.filter(loss => loss.commit === commit);
    const mine = group.flatMap(label => told.get(label) ?? []);
    if (mine.some(isShown)) found.shown++;
    else if (mine.some(({ state }) => state === 'open')) found.weak++;
    else if (mine.length > 0) found.resolved++;
    else found.missed.push(group[0]!);
  }
  return { ...found, files: losses.length, toldFiles: losses.filter(label => told.has(label)).length };
}

/** Rows of the table: below its head, down to the first empty line; the lines that continue a row are indented. */
export function rowsOf(table: string): number {
  const lines = table.split('\n');
  const head = lines.findIndex(line => /^id\s+certainty/.test(line));
  if (head === -1) return 0;
  const end = lines.findIndex((line, index) => index > head && line.trim() === '');
  return lines.slice(head + 1, end === -1 ? undefined : end).filter(line => /^\S/.test(line) && !/^\+ /.test(line))
    .length;
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

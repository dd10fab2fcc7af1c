/** What is new in the transcripts of all roots, by the path it is about. */
import { basename } from 'node:path';
import type { FileClass, Root } from '../model.ts';
import type { RawAct, SessionFacts } from './act.ts';
import type { EvidenceFile } from './evidence/evidence-file.ts';
import type { Known } from './evidence/evidence-lines.ts';
import type { Place } from './evidence.ts';
import { placeKey } from './keys.ts';
import type { Unseen } from './past/collect-backups.ts';
import { readMark } from './transcripts/mark.ts';
import { wholeAct } from './transcripts/owner.ts';
import type { Places } from './transcripts/places.ts';
import { scanHome } from './transcripts/scan-home.ts';
import { isNewerThanTested } from './transcripts/versions.ts';

export interface NewsDeps {
  readonly roots: readonly Root[];
  readonly evidence: Pick<EvidenceFile, 'marks'>;
  classify(root: Root, path: string): FileClass;
  /** Transcripts that are known to have grown: no other is looked at. */
  readonly only?: readonly Place[];
  onProgress?(done: number): void;
  readonly signal?: AbortSignal;
}

export interface NewsCoverage {
  /** Transcripts that are there. */
  readonly transcripts: number;
  /** Of these: new, longer or rewritten since the last time. */
  readonly read: number;
  /** Lines in them that are no JSON. */
  readonly damaged: number;
  /** Versions of the client that are newer than any this was tested with. */
  readonly newer: readonly string[];
  readonly unreadable: readonly Unseen[];
}

export interface News {
  /** By place, every copy. */
  readonly acts: ReadonlyMap<string, readonly { readonly place: Place; readonly act: RawAct }[]>;
  /** What the evidence has to know to find no more than this the next time. */
  readonly known: readonly Known[];
  /** Sessions whose transcripts are new or changed. */
  readonly sessions: ReadonlyMap<string, SessionFacts | null>;
  readonly coverage: NewsCoverage;
  isWanted(place: Place): boolean;
}

export async function newsOf(deps: NewsDeps, places: Places): Promise<News> {
  const { roots, evidence } = deps;
  const acts = new Map<string, Map<string, { place: Place; act: RawAct }>>();
  const known: Known[] = [];
  const damaged = new Map<string, number>();
  const newer = new Set<string>();
  const unreadable: Unseen[] = [];
  const seen = new Set<string>();
  const sessions = new Map<string, SessionFacts | null>();
  /** Every content is told several times: after one act, before the next. */
  const texts = new Map<string, string>();
  let read = 0;
  const byName = new Map(roots.map(root => [root.name, root]));
  const isWanted = classesOf(deps, byName);
  for (const root of roots) {
    const marks = evidence.marks(root.name);
    const isSaid = new Set<string>();
    const about = { places, home: root.name };
    const only = deps.only?.filter(place => place.root === root.name).map(({ path }) => path);
    if (only) for (const mark of marks.values()) places.believe(root.name, readMark(mark)?.formers ?? []);
    for await (const scanned of scanHome(root.path, path => readMark(marks.get(path)), about, only)) {
      if (deps.signal?.aborted) break;
      const { transcript, session, version, mark, what } = scanned;
      const file = `${root.name}\0${transcript}`;
      seen.add(file);
      deps.onProgress?.(seen.size);
      damaged.set(file, scanned.damaged);
      if (version !== null && isNewerThanTested(version)) newer.add(version);
      if (what === 'gone') unreadable.push({ root: root.name, path: transcript, why: 'it could not be opened' });
      if (what === 'gone' || what === 'unchanged') continue;
      sessions.set(basename(transcript, '.jsonl'), session);
      if (!isSaid.has(transcript)) read++;
      isSaid.add(transcript);
      for (const act of scanned.acts) {
        const place = { root: act.root, path: act.path };
        if (!isWanted(place)) continue;
        const key = placeKey(place);
        const of = acts.get(key) ?? new Map<string, { place: Place; act: RawAct }>();
        const name = `${act.transcript}\0${act.id}`;
        const told = withShared(act, texts);
        // Some clients write earlier messages again, in the same transcript and at a later time.
        const known = of.get(name)?.act;
        acts.set(key, of.set(name, { place, act: known ? wholeAct([known, told]) : told }));
      }
      if (session) known.push({ kind: 'session', data: { root: root.name, facts: session } });
      known.push({ kind: 'mark', data: { root: root.name, transcript, mark } });
    }
  }
  const sum = [...damaged.values()].reduce((total, count) => total + count, 0);
  return {
    acts: new Map([...acts].map(([key, of]) => [key, [...of.values()]])),
    known,
    sessions,
    isWanted,
    coverage: { transcripts: seen.size, read, damaged: sum, newer: [...newer].sort(), unreadable },
  };
}

/** The same act, with texts that are there once. */
function withShared(act: RawAct, texts: Map<string, string>): RawAct {
  const shared = (text: string): string => {
    const known = texts.get(text);
    if (known === undefined) texts.set(text, text);
    return known ?? text;
  };
  return {
    ...act,
    ...(typeof act.before === 'string' ? { before: shared(act.before) } : {}),
    ...(act.after === undefined ? {} : { after: shared(act.after) }),
  };
}

/** Only what people and models write, and settings: secrets never, and of logs and caches nothing is told. */
function classesOf(deps: NewsDeps, roots: ReadonlyMap<string, Root>): (place: Place) => boolean {
  const known = new Map<string, boolean>();
  return place => {
    const key = placeKey(place);
    const answer = known.get(key);
    if (answer !== undefined) return answer;
    const root = roots.get(place.root);
    const fileClass = root ? deps.classify(root, place.path) : 'noise';
    const isWanted = fileClass === 'authored' || fileClass === 'state';
    known.set(key, isWanted);
    return isWanted;
  };
}

/** What is told of a history, held against what is true of it. */
import { runAudit } from '../../src/audit/run-audit.ts';
import { parseDocument } from '../../src/documents/document.ts';
import { isNoiseUnit } from '../../src/home/noise-units.ts';
import type { Certainty, Finding, Version } from '../../src/model.ts';
import type { Rule } from '../../src/rule.ts';
import { gitFactsOf } from './git-facts.ts';
import type { EventVerdict, Loudness, RowVerdict } from './judge-scenes.ts';
import { judgeScenes, loudnessOf } from './judge-scenes.ts';
import type { Piece } from './pieces.ts';
import { render } from './pieces.ts';
import type { Play, Write } from './play.ts';
import type { Random } from './random.ts';
import type { Kept as KeptRecords } from './records.ts';
import { testimonyOf } from './records.ts';
import type { Signs } from './signs.ts';
import { watcher } from './signs.ts';
import type { Kept } from './versions.ts';
import { keep } from './versions.ts';

/** Units that a finding or an incident names: lost and unseen, gone but meant, or not gone at all. */
export interface Judged {
  readonly rule: string;
  readonly certainty: Certainty;
  readonly write: Write;
  readonly lost: number;
  readonly meant: number;
  readonly stands: number;
}

/** A write that took away what its writer had not seen, and how much of that one or more incidents name. */
export interface Loss {
  readonly write: Write;
  readonly pieces: number;
  readonly named: number;
  /** The surest of the incidents that name some of it. */
  readonly certainty: Certainty | null;
  /** The loudest of them. */
  readonly told: Loudness;
  readonly missed: readonly Piece[];
}

export interface Verdict {
  readonly findings: readonly Judged[];
  readonly incidents: readonly Judged[];
  readonly losses: readonly Loss[];
  readonly writes: readonly Write[];
  /** Of the scenes: what happened in them. */
  readonly events: readonly EventVerdict[];
  /** All that is told, of scenes and of what is played; without what nothing is to be said of. */
  readonly rows: readonly RowVerdict[];
  /** What could be seen of each write that looks stale, and whether it was. */
  readonly signs: readonly (Signs & { readonly isRight: boolean })[];
  /** Findings that speak of what stands, by rule: nothing was lost, so they are not held against losses. */
  readonly standing: ReadonlyMap<string, number>;
}

const certainties: readonly Certainty[] = ['proven', 'likely', 'possible'];

/** True for what nothing is to be said of, whatever is told. */
const nothing = ({ lost, meant, stands }: Judged) => lost + meant + stands === 0;

export async function judge(
  played: Play,
  rules: readonly Rule[],
  records: KeptRecords,
  random: Random,
): Promise<Verdict> {
  const kept = keep(played.writes);
  const signs: Signs[] = [];
  const told: { readonly rule: string; readonly finding: Finding }[] = [];
  const { incidents, failedRules } = await runAudit({
    histories: kept.histories,
    read: kept.read,
    rules: [...rules.map(rule => overheard(rule, told)), watcher(signs)],
    options: {},
    isNoise: isNoiseUnit,
    notes: [],
    now: played.end + 24 * 3_600_000,
    isFirstLook: ({ how }) => how === 'scan',
    ...gitFactsOf(played),
    ...(records === 'none' ? {} : { testimony: testimonyOf(played, kept.versions, kept.read, records, random) }),
  });
  if (failedRules.length > 0) throw new Error(`${failedRules[0]!.rule} failed: ${failedRules[0]!.message}`);
  const judged = incidents.flatMap(({ certainty, severity, cause, lost, fingerprints, findings }) => {
    const one = lost && cause && judgedOf(cause.version, lost.version, fingerprints, kept);
    const loudness = loudnessOf({ certainty, severity });
    return one ? [{ ...one, rule: findings.map(({ rule }) => rule).join('+'), certainty, loudness }] : [];
  });
  const scenes = judgeScenes(incidents, kept);
  const found = told.flatMap(({ rule, finding: { certainty, cause, lost, units } }) => {
    const one =
      lost &&
      cause &&
      judgedOf(
        cause.id,
        lost.id,
        units.map(({ fingerprint }) => fingerprint),
        kept,
      );
    return one ? [{ ...one, rule, certainty }] : [];
  });
  const standing = new Map<string, number>();
  for (const { rule, finding } of told) if (!finding.lost) standing.set(rule, (standing.get(rule) ?? 0) + 1);
  return {
    findings: found.filter(one => !nothing(one)),
    incidents: judged.filter(one => !nothing(one)),
    events: scenes.events,
    rows: [
      ...scenes.rows,
      ...judged
        .filter(one => !nothing(one))
        .map(({ loudness, lost, write }) => ({ loudness, isRight: lost > 0, deed: write.deed })),
    ],
    losses: [...kept.writes].flatMap(([id, write]) => lossOf(id, write, judged)),
    signs: signs.map(each => {
      const { gone, scene } = kept.writes.get(each.cause)!;
      const isLoss = scene ? scene.lost.length > 0 : [...gone.values()].some(({ truth }) => truth === 'lost');
      return { ...each, isRight: isLoss };
    }),
    writes: [...kept.writes.values()].filter(({ by, scene }) => by !== null && !scene),
    standing,
  };
}

/** The same rule; what it finds is noted down. */
function overheard(rule: Rule, told: { rule: string; finding: Finding }[]): Rule {
  const note = (findings: readonly Finding[]) => {
    told.push(...findings.map(finding => ({ rule: rule.id, finding })));
    return findings;
  };
  return {
    ...rule,
    ...(rule.checkPath ? { checkPath: async (...of) => note(await rule.checkPath!(...of)) } : {}),
    ...(rule.checkFolder ? { checkFolder: async (...of) => note(await rule.checkFolder!(...of)) } : {}),
  };
}

interface WithPieces extends Judged {
  readonly loudness: Loudness;
  readonly version: string;
  readonly pieces: ReadonlySet<number>;
}

/** By the places of the units in the text that had them: which pieces of the truth they are. */
function judgedOf(
  cause: Version['id'],
  lost: Version['id'],
  fingerprints: readonly string[],
  { writes }: Kept,
): Omit<WithPieces, 'rule' | 'certainty' | 'loudness'> | null {
  const write = writes.get(cause)!;
  const had = writes.get(lost)!;
  if (had.pieces === null || write.scene || had.scene) return null;
  const { text, places } = render(had.pieces);
  const { units } = parseDocument(had.path, Buffer.from(text));
  const named = new Set<number>();
  const tally = { lost: 0, meant: 0, stands: 0, either: 0 };
  for (const fingerprint of new Set(fingerprints)) {
    const pieces = units
      .filter(unit => unit.fingerprint === fingerprint)
      .flatMap(unit => places.filter(({ start, end }) => start < unit.end && unit.start < end))
      .map(({ piece }) => piece.id);
    for (const id of pieces) named.add(id);
    const truths = pieces.map(id => write.gone.get(id)?.truth ?? 'stands');
    const best = (['lost', 'either', 'meant'] as const).find(truth => truths.includes(truth)) ?? 'stands';
    tally[best]++;
  }
  return { write, version: cause, pieces: named, lost: tally.lost, meant: tally.meant, stands: tally.stands };
}

function lossOf(id: Version['id'], write: Write, judged: readonly WithPieces[]): readonly Loss[] {
  const lost = [...write.gone.values()].filter(({ truth }) => truth === 'lost').map(({ piece }) => piece);
  if (lost.length === 0 || write.pieces === null) return [];
  const mine = judged.filter(({ version, pieces }) => version === id && lost.some(piece => pieces.has(piece.id)));
  const missed = lost.filter(piece => !mine.some(({ pieces }) => pieces.has(piece.id)));
  const certainty = certainties.find(each => mine.some(one => one.certainty === each)) ?? null;
  const told =
    (['likely', 'shown', 'weak'] as const).find(each => mine.some(one => one.loudness === each)) ?? 'not told';
  return [{ write, pieces: lost.length, named: lost.length - missed.length, certainty, told, missed }];
}

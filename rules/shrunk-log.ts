import type {
  Certainty,
  Edit,
  Finding,
  FolderHistory,
  PathHistory,
  Rule,
  RuleTools,
  Severity,
  Unit,
  Version,
} from '../src/rule.ts';
import { clock, fileUnit, folderOf, glob, nameOf, timeOfWrite } from '../src/rule.ts';
import type { Missing } from './shrunk-log/records.ts';
import { isText, linesOf, missingIn, parsed, timeOf } from './shrunk-log/records.ts';

interface Options {
  /** Logs up to so many bytes are also compared where they did not become shorter. */
  readonly compareUpTo: number;
  /** So few records at the end are taken back by the program itself now and then. */
  readonly few: number;
}

/** What the client only adds to, and never rotates. */
const isTranscript = glob('{,profiles/*/}projects/**/*.jsonl');
const isHistory = glob('{,profiles/*/}history.jsonl');
const isOther = glob('**/*.{log,jsonl,ndjson}');
/** Copies that the client makes; each is written once. */
const isBackup = glob('{,profiles/*/}{backups,file-history}/**');

/** A log that is written anew is whole again by then. */
const REWRITE_MS = 10_000;
/** Who turns a log over does it within this time. */
const ROTATION_MS = 10 * 60_000;
/** A log of more bytes is not offered record by record: every later version would have to be read to see whether they are back. */
const RECORD_BY_RECORD = 2_000_000;
/** Of larger ones only the size is reported. */
const LARGEST = 64_000_000;
/** Records of larger logs (bytes) are not compared one by one: 500 ms. */
const RECORDS_COMPARED = 32_000_000;
/** One record of so many that was emptied may be a redaction. */
const FEW_OF = 10;

const rule: Rule<Options> = {
  id: 'shrunk-log',
  summary: 'A log that only grows became shorter, and what it had recorded is gone.',
  severity: 'high',
  options: { compareUpTo: 32_000, few: 3 },
  classes: ['log'],

  async checkPath(file: PathHistory, tools: RuleTools<Options>) {
    if (!isTranscript(file.path) && !isHistory(file.path)) return [];
    return lossesOf(file, tools, () => false);
  },

  /** Other logs are turned over: the copy lies beside them. */
  async checkFolder({ path, files }: FolderHistory, tools: RuleTools<Options>) {
    const findings: Finding[] = [];
    for (const file of files) {
      if (file.class !== 'log' || file.edits.length === 0 || folderOf(file.path) !== path) continue;
      if (!isOther(file.path) || isTranscript(file.path) || isHistory(file.path) || isBackup(file.path)) continue;
      const isCopy = (other: PathHistory, edit: Edit) =>
        other !== file && folderOf(other.path) === path && isKin(other.path, file.path) && hasCopy(other, edit);
      findings.push(...(await lossesOf(file, tools, edit => files.some(other => isCopy(other, edit)))));
    }
    return findings;
  },
};

export default rule;

async function lossesOf(
  file: PathHistory,
  tools: RuleTools<Options>,
  isRotated: (edit: Edit) => boolean,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  let until = -Infinity;
  for (const edit of file.edits) {
    const { before, after } = edit;
    if (before.kind !== 'file' || after.kind !== 'file' || after.how === 'restore') continue;
    // The steps of one rewriting are told once.
    if (after.size >= before.size || timeOfWrite(after) <= until || isRotated(edit)) continue;
    until = timeOfWrite(after) + REWRITE_MS;
    findings.push(...(await lossesIn(file, edit, tools)));
  }
  const edit = await overwritten(file, tools);
  return edit && !isRotated(edit) ? [...findings, ...(await lossesIn(file, edit, tools))] : findings;
}

async function lossesIn(file: PathHistory, edit: Edit, tools: RuleTools<Options>): Promise<readonly Finding[]> {
  const found = [await lossOf(file, edit, tools), await emptiedBy(file, edit, tools)];
  return found.filter(each => each !== null);
}

/** Records that are there and say nothing any more: more than a few of them, and a tenth of the log, are no redaction. */
async function emptiedBy(file: PathHistory, edit: Edit, tools: RuleTools<Options>): Promise<Finding | null> {
  const { before } = edit;
  const after = settledAfter(file, edit);
  if (Math.max(before.size, after.size) > RECORDS_COMPARED) return null;
  const { lines } = await tools.damage({ before, after });
  const gone = lines.filter(({ kind }) => kind === 'emptied').map(({ text }) => text.trimEnd());
  const all = linesOf(await tools.bytes(before)).length;
  if (gone.length <= tools.options.few || gone.length * FEW_OF < all) return null;
  const isLog = !isTranscript(file.path) && !isHistory(file.path);
  const said = await finding(edit, '', gone, isLog ? ['likely', 'medium'] : ['likely', 'high'], tools);
  const whose = inRecords({ lines: gone, isHead: false, isTail: false }).replace(/^\d+ (?:record|line)s?/, '');
  return {
    ...said,
    message: `${gone.length} of ${all} records${whose} lost what they said in ${after.path} with the write of ${clock(edit.after.at)}`,
    evidence: ['their ids and times stand there, and nothing else', ...said.evidence],
  };
}

async function lossOf(file: PathHistory, edit: Edit, tools: RuleTools<Options>): Promise<Finding | null> {
  const { before } = edit;
  const whole = settledAfter(file, edit);
  if (before.size > LARGEST) {
    if (whole.size >= before.size) return null;
    return finding(edit, `${before.size - whole.size} bytes`, [], [], tools);
  }
  const missing = missingIn(linesOf(await tools.bytes(before)), linesOf(await tools.bytes(whole)));
  const records = missing.lines.map(parsed).filter(record => record !== null);
  const isLog = !isTranscript(file.path) && !isHistory(file.path);
  if (missing.lines.length === 0 || (isLog && missing.isHead)) return null;
  if (isTranscript(file.path) && !records.some(({ uuid }) => isText(uuid))) return null;
  if (isHistory(file.path) && wasPurged(records, linesOf(await tools.bytes(whole)))) return null;
  const told = records.length === 0 && isLog ? emptied(missing, whole) : weight(file, missing, whole, tools.options);
  return finding(edit, inRecords(missing), missing.lines, told, tools);
}

/** What the write left when it was done: a log is written anew in several steps. */
function settledAfter({ versions }: PathHistory, { after }: Edit): Version {
  return versions.findLast(
    version => version.settled && version.kind === 'file' && timeOfWrite(version) <= timeOfWrite(after) + REWRITE_MS,
  )!;
}

type Weight = readonly [Certainty, Severity] | readonly [];

/** Plain lines are thrown away by whoever begins anew, and nobody misses them. */
function emptied({ isTail }: Missing, now: Version): Weight {
  return isTail && now.size > 0 ? ['likely', 'medium'] : ['possible', 'low'];
}

/** Transcripts are taken back a few records at their end, and other logs are emptied by whoever has read them. */
function weight({ path }: PathHistory, { lines, isTail, isHead }: Missing, now: Version, { few }: Options): Weight {
  if (isTranscript(path)) return isTail && lines.length <= few ? ['possible', 'low'] : ['likely', 'high'];
  if (isHistory(path)) return isHead ? ['possible', 'low'] : ['likely', 'high'];
  return isTail && now.size > 0 ? ['likely', 'medium'] : ['possible', 'medium'];
}

async function finding(
  { before, after }: Edit,
  what: string,
  lines: readonly string[],
  [certainty = 'likely', severity = 'high']: Weight,
  tools: RuleTools<Options>,
): Promise<Finding> {
  const gone = new Set(lines);
  const isSmall = before.size <= RECORD_BY_RECORD && lines.length > 0;
  const units = isSmall ? (await tools.units(before)).filter(({ text }) => gone.has(text.trimEnd())) : [];
  const isOne = lines.length === 1;
  return {
    path: after.path,
    message: `${what} ${isOne ? 'is' : 'are'} missing in ${after.path} since the write of ${clock(after.at)}`,
    certainty,
    severity,
    lost: units.length > 0 ? before : null,
    cause: after,
    base: null,
    units: units.length > 0 ? units : [wholeOf(before)],
    evidence: [`it had ${before.size} bytes at ${clock(before.at, after.at)}, and ${after.size} after that write`],
    advice: `undertext restore ${after.path} --at ${before.id} --to FILE writes the longer version beside it`,
  };
}

/** `12 records of 13:40:00 to 14:02:10 of session 0a1b2c3d`, as far as they say so. */
function inRecords({ lines }: Missing): string {
  const records = lines.map(parsed).filter(record => record !== null);
  const times = records.map(timeOf).filter(time => time !== null);
  const sessions = [...new Set(records.map(({ sessionId }) => sessionId).filter(isText))];
  const word = records.length === lines.length ? 'record' : 'line';
  const [first, last] = [times.reduce((a, b) => Math.min(a, b), Infinity), times.reduce((a, b) => Math.max(a, b), 0)];
  const when = times.length === 0 ? '' : ` of ${clock(first, last)}${first === last ? '' : ` to ${clock(last)}`}`;
  const whose =
    sessions.length === 0
      ? ''
      : sessions.length === 1
        ? ` of session ${sessions[0]!.slice(0, 8)}`
        : ` of ${sessions.length} sessions`;
  return `${lines.length} ${word}${lines.length === 1 ? '' : 's'}${when}${whose}`;
}

/** `project purge` takes all prompts of one project out. */
function wasPurged(gone: readonly { readonly project?: unknown }[], left: readonly string[]): boolean {
  const projects = new Set(gone.map(({ project }) => project));
  if (gone.length === 0 || projects.has(undefined)) return false;
  return !left.some(line => projects.has(parsed(line)?.project));
}

/**
 * The edit that replaced what stood there although the log did not become shorter. What grew by itself begins with every
 * older version, so that a few of them are enough to know, and the place is found by halving.
 */
async function overwritten({ edits }: PathHistory, tools: RuleTools<Options>): Promise<Edit | null> {
  const grown = edits.slice(edits.findLastIndex(({ before, after }) => !isGrowth(before, after)) + 1);
  const newest = grown.at(-1)?.after;
  if (!newest || newest.size > tools.options.compareUpTo) return null;
  const now = Buffer.from(await tools.bytes(newest));
  const isStart = async (edit: Edit) => {
    const bytes = await tools.bytes(edit.before);
    return Buffer.compare(now.subarray(0, bytes.length), bytes) === 0;
  };
  let good = grown.length;
  for (let step = 1; good > 0; step *= 2) {
    const asked = Math.max(0, grown.length - step);
    if (await isStart(grown[asked]!)) {
      good = asked;
      continue;
    }
    let bad = asked;
    while (good - bad > 1) {
      const middle = (good + bad) >> 1;
      if (await isStart(grown[middle]!)) good = middle;
      else bad = middle;
    }
    return grown[bad]!;
  }
  return null;
}

function isGrowth(before: Version, after: Version): boolean {
  return before.kind === 'file' && after.kind === 'file' && after.size >= before.size && after.how !== 'restore';
}

/** `x.log.1`, `x.1.log`, `x-2026-11-20.log.gz` beside `x.log`. */
function isKin(path: string, log: string): boolean {
  const stem = log.replace(/\.[^./]*$/, '');
  return path.startsWith(stem) && /^([-._]|$)/.test(path.slice(stem.length));
}

/** True when that file came around then and may hold what went. */
function hasCopy({ path, versions }: PathHistory, { before, after }: Edit): boolean {
  const isPacked = /\.(gz|zst|bz2|xz)$/.test(path);
  return versions.some(
    ({ kind, at, size, blob }) =>
      kind === 'file' &&
      Math.abs(at - after.at) <= ROTATION_MS &&
      (blob === before.blob || size >= before.size || (isPacked && size > 0)),
  );
}

function wholeOf({ path, blob }: Version): Unit {
  return { ...fileUnit(path), text: nameOf(path), fingerprint: `file ${path} ${blob}` };
}

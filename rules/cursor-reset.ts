import type { Certainty, Edit, Finding, PathHistory, Rule, RuleTools, Unit, Version } from '../src/rule.ts';
import { clock, fitsAny, glob } from '../src/rule.ts';
import type { Values } from './cursor-reset/values.ts';
import { valuesIn } from './cursor-reset/values.ts';

interface Options {
  /** Globs of the files that say how far somebody came. */
  readonly files: readonly string[];
  /** So often a value must have risen, and never fallen, to be taken for one that only rises. */
  readonly rises: number;
}

const usual = [
  '**/{cursor,cursors,*-cursor,*_cursor,*.cursor,*-cursors,*_cursors}.json',
  '**/*.{cursor,offset}',
  '**/.highwatermark',
];
/** Names of what only rises, though it has been seen once. */
const rising =
  /(^|[/_.-])(cursor|offset|position|seq|sequence|high_?-?water_?-?mark|watermark|line|byte|since|(last|next)[\w-]*)$/i;
const risingCamel = /(Cursor|Offset|Position|Seq|Sequence|Watermark)$/;
/** Names of what is being read: when that is another one, its count begins anew. */
const counted = /(inode|ino|dev|device|file|path|source|generation|epoch|shard|topic|stream|session|version)(_?id)?$/i;

/** So many edits back are looked at. */
const EDITS = 300;
/** A larger file is no cursor. */
const LARGEST = 100_000;
/** What nobody has moved for so long is not in use any more. */
const IN_USE_MS = 7 * 86_400_000;

const rule: Rule<Options> = {
  id: 'cursor-reset',
  summary:
    'A file that says how far somebody came vanished, was emptied or went backwards, and its readers took that for different things.',
  severity: 'medium',
  options: { files: usual, rises: 2 },

  async checkPath(file: PathHistory, tools: RuleTools<Options>) {
    if (file.edits.length === 0 || !fitsAny(file.path, tools.options.files)) return [];
    const edits = file.edits.slice(-EDITS);
    const now = file.edits.at(-1)!.after;
    if (now.how === 'restore' || now.kind === 'withheld' || now.size > LARGEST) return [];
    const finding =
      now.kind === 'gone'
        ? await vanished(file, edits, tools)
        : now.kind === 'file'
          ? await fell(edits, now, tools)
          : null;
    return finding ? [finding] : [];
  },
};

export default rule;

async function vanished(
  { versions }: PathHistory,
  edits: readonly Edit[],
  tools: RuleTools<Options>,
): Promise<Finding | null> {
  const edit = edits.at(-1);
  if (edit?.before.kind !== 'file' || edit.after.kind !== 'gone') return null;
  if ((await valuesOf(edit.before, tools)) === null) return null;
  // What is swept away when it is old, and what was retired, had stood still for long.
  if (edit.after.at - edit.before.at > IN_USE_MS) return null;
  // Who takes it away when it is done has done so before.
  if (versions.some(({ kind }, i) => kind === 'gone' && i < versions.length - 1 && versions[i + 1]!.kind === 'file')) {
    return null;
  }
  if (isList(edit.after.path)) return null;
  const { removed } = await tools.account(edit);
  if (removed.length > 0 && removed.every(({ fate }) => fate === 'moved' || fate === 'seen')) return null;
  return finding(edit, `was deleted at ${clock(edit.after.at)}`, await tools.units(edit.before), 'likely', [
    `it still stood there at ${clock(edit.before.at, edit.after.at)}, and moved`,
  ]);
}

/** The client removes a list of tasks with all that belongs to it. */
const isList = glob('{,profiles/*/}tasks/*/.highwatermark');

/** The last fall that nothing has caught up with, or that it is empty. */
async function fell(edits: readonly Edit[], now: Version, tools: RuleTools<Options>): Promise<Finding | null> {
  const present = await valuesOf(now, tools);
  const said = await Promise.all(edits.map(({ before }) => valuesOf(before, tools)));
  for (let i = edits.length - 1; i >= 0; i--) {
    const { before, after } = edits[i]!;
    const [was, is] = [said[i]!, i + 1 < edits.length ? said[i + 1]! : present];
    if (before.kind !== 'file' || after.kind !== 'file' || after.how === 'restore' || was === null) continue;
    if (is === null) {
      // It was filled again; and who empties it when it is done has done so before.
      if (present !== null) continue;
      if (said.slice(1, i).some(values => values === null)) return null;
      return finding(edits[i]!, `is empty since the write of ${clock(after.at)}`, await tools.units(before), 'likely', [
        `at ${clock(before.at, after.at)} it said how far somebody came`,
      ]);
    }
    const past = said.slice(0, i + 1).filter(values => values !== null);
    if (beganAnew(past, is)) continue;
    const keys = [...was.marks.keys()].filter(
      key => hasFallen(key, was, is) && hasFallen(key, was, present ?? is) && onlyRose(key, past, tools.options.rises),
    );
    if (keys.length === 0) continue;
    const still = new Set((await tools.units(after)).map(({ fingerprint }) => fingerprint));
    const units = (await tools.units(before)).filter(({ fingerprint }) => !still.has(fingerprint));
    // Back to the start is what a reset looks like that was meant.
    const isStart = keys.every(key => (is.marks.get(key) ?? 0) === 0);
    return finding(
      edits[i]!,
      `went backwards with the write of ${clock(after.at)}: ${keys.slice(0, 3).map(nameOf).join(', ')}`,
      units,
      isStart ? 'possible' : 'likely',
      keys.slice(0, 5).map(key => `${nameOf(key)} only ever rose before that write, and is behind since`),
    );
  }
  return null;
}

function hasFallen(key: string, was: Values, is: Values): boolean {
  const mark = is.marks.get(key);
  // A key that is gone, or null, says as little as no file.
  if (mark === undefined) return !is.names.has(key);
  return mark < was.marks.get(key)!;
}

function onlyRose(key: string, past: readonly Values[], rises: number): boolean {
  const marks = past.map(values => values.marks.get(key)).filter(mark => mark !== undefined);
  let rose = 0;
  for (const [i, mark] of marks.entries()) {
    const before = marks[i - 1];
    if (before !== undefined && mark < before) return false;
    if (before !== undefined && mark > before) rose++;
  }
  return rose >= rises || key === '' || rising.test(key) || risingCamel.test(key);
}

/** True when what is read is another thing now: a name that never changed before did. */
function beganAnew(past: readonly Values[], is: Values): boolean {
  const [first] = past;
  for (const [key, name] of first!.names) {
    if (past.every(values => values.names.get(key) === name) && (is.names.get(key) ?? name) !== name) return true;
  }
  for (const [key, mark] of first!.marks) {
    if (!counted.test(key) || !past.every(values => values.marks.get(key) === mark)) continue;
    if ((is.marks.get(key) ?? mark) !== mark) return true;
  }
  return false;
}

function nameOf(key: string): string {
  return key === '' ? 'its value' : key.slice(1).replaceAll('/', '.');
}

async function valuesOf(version: Version, tools: RuleTools<Options>): Promise<Values | null> {
  return version.kind === 'file' && version.size > 0 && version.size <= LARGEST
    ? valuesIn(await tools.text(version))
    : null;
}

function finding(
  { before, after }: Edit,
  what: string,
  units: readonly Unit[],
  certainty: Certainty,
  evidence: readonly string[],
): Finding {
  return {
    path: before.path,
    message: `${before.path} ${what}`,
    certainty,
    lost: before,
    cause: after,
    base: null,
    units,
    evidence,
    advice: `stop its readers, then undertext restore ${before.path} --at ${before.id} puts it back as it stood; or accept it when it was meant to begin anew`,
    standing: true,
  };
}

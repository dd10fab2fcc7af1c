import type { Certainty, Edit, Finding, PathHistory, Rule, RuleTools, Severity, Unit, Version } from '../../../src/rule.ts';
import { clock, fileUnit, glob, nameOf } from '../../../src/rule.ts';
import { countOfNul, hasNul, isBlank, isCut, markOf, textOf } from './broken-file/bytes.ts';
import { damaged } from './broken-file/damaged.ts';
import { isJsonFile, isStrictJson, isStub, strictly } from './broken-file/json.ts';
import { conflictsIn, isOf } from './broken-file/markers.ts';
import { tornLines } from './broken-file/records.ts';

interface Options {
  /** Logs of more bytes are not looked at for torn records. */
  readonly largestLog: number;
}

const isRecords = glob('**/*.{jsonl,ndjson}');
const isMarkdown = glob('**/*.{md,mdx,markdown}');
const isText = glob(
  '**/*.{md,mdx,markdown,json,txt,rst,org,adoc,sh,bash,zsh,fish,ps1,py,rb,js,mjs,cjs,ts,yaml,yml,toml,html,css,csv}',
);
/** What the client reads by the fields at its start; a byte order mark before them hides them. */
const hasFields = glob('{,**/}{skills,agents,commands,rules,memory,agent-memory,output-styles}/**/*.md');

/** So many edits back the write is looked for that broke it. */
const EDITS = 300;
/** A file of fewer bytes that is emptied was hardly there. */
const LITTLE = 200;
/** A state this many times as large as what came after it was no small change. */
const CLIFF = 10;

const rule: Rule<Options> = {
  id: 'broken-file',
  summary:
    'A write left a file that its reader cannot read, or only a piece of it, and what was in it stopped counting.',
  severity: 'high',
  options: { largestLog: 256_000 },
  classes: ['authored', 'state', 'log'],

  async checkPath(file: PathHistory, tools: RuleTools<Options>) {
    const now = file.edits.at(-1)?.after;
    // What never was whole broke nobody's work.
    if (now?.kind !== 'file') return [];
    if (isRecords(file.path)) {
      const torn = await tornRecords(file, now, tools);
      return file.class === 'log' ? torn : [...(await damaged(file, now, tools)), ...torn];
    }
    if (file.class === 'log' || !(isText(file.path) || isStrictJson(file.path))) return [];
    // Read once, though each kind of trouble asks.
    const read = new Map<string, Promise<Uint8Array>>();
    const bytes = (version: Version) => {
      const known = read.get(version.id) ?? tools.bytes(version);
      if (version === now) read.set(version.id, known);
      return known;
    };
    const spoilt = await damaged(file, now, tools);
    for (const trouble of [empty, nul, invalid, mark, stub, cut, conflict]) {
      const finding = await trouble(file, now, { ...tools, bytes });
      if (!finding) continue;
      // NUL bytes within a text, or JSON that they broke, are that damage.
      return spoilt.some(({ cause }) => cause?.id === finding.cause?.id) ? spoilt : [...spoilt, finding];
    }
    return spoilt;
  },
};

export default rule;

type Trouble = (file: PathHistory, now: Version, tools: RuleTools<Options>) => Promise<Finding | null>;

/** Nothing stands in it any more. */
const empty: Trouble = async (file, now, tools) => {
  const isEmpty = async (version: Version) =>
    version.kind === 'file' && (version.size === 0 || (version.size < LITTLE && isBlank(await tools.bytes(version))));
  const edit = await edgeOf(file, now, isEmpty);
  if (!edit) return null;
  // An inbox is emptied as it is read.
  for (const version of file.versions) if (version.seenAt < edit.before.seenAt && (await isEmpty(version))) return null;
  const isFormat = isJsonFile(file.path);
  const { removed } = await tools.account(edit);
  if (!isFormat && !removed.some(({ fate }) => fate === 'lost')) return null;
  return found(edit, 'is empty', tools, {
    certainty: isFormat || edit.before.size >= LITTLE ? 'likely' : 'possible',
    severity: isFormat || edit.before.size >= LITTLE ? 'high' : 'medium',
    evidence: [`${edit.before.size} bytes stood in it`],
  });
};

/** NUL bytes in what is text. */
const nul: Trouble = async (file, now, tools) => {
  const edit = await edgeOf(file, now, async version => version.kind === 'file' && hasNul(await tools.bytes(version)));
  if (!edit) return null;
  const count = countOfNul(await tools.bytes(now));
  return found(edit, `has ${count} NUL ${count === 1 ? 'byte' : 'bytes'} in its text`, tools, {
    evidence: ['a disk that was full or a write that was cut off leaves them where text should be'],
  });
};

/** No JSON where there was JSON. */
const invalid: Trouble = async (file, now, tools) => {
  if (!isJsonFile(file.path)) return null;
  const isStrict = isStrictJson(file.path);
  const isInvalid = async (version: Version) => {
    if (version.kind !== 'file' || strictly(textOf(await tools.bytes(version))) !== undefined) return false;
    return isStrict || (await tools.broken(version)) !== null;
  };
  const edit = await edgeOf(file, now, isInvalid);
  if (!edit) return null;
  const why = await tools.broken(now);
  const wasCut = isBeginning(await tools.bytes(edit.before), await tools.bytes(edit.after));
  return found(edit, wasCut ? 'was cut short' : 'is no valid JSON', tools, {
    evidence: [
      why ?? 'it has a comment or a comma at the end of a list, which its reader refuses',
      ...(wasCut ? ['what stands there is the beginning of the version before'] : []),
    ],
  });
};

function isBeginning(whole: Uint8Array, part: Uint8Array): boolean {
  return part.length < whole.length && Buffer.compare(whole.subarray(0, part.length), part) === 0;
}

/** A byte order mark, or UTF-16, where there was none and the reader stumbles. */
const mark: Trouble = async (file, now, tools) => {
  const bytes = await tools.bytes(now);
  const kind = markOf(bytes);
  const isRead = isJsonFile(file.path) || (hasFields(file.path) && /^---\r?\n/.test(textOf(bytes))) || kind === 'utf16';
  if (kind === null || !isRead) return null;
  const edit = await edgeOf(file, now, async one => one.kind === 'file' && markOf(await tools.bytes(one)) !== null);
  if (!edit) return null;
  const what = kind === 'utf8' ? 'begins with a byte order mark' : 'is UTF-16';
  return found(edit, what, tools, {
    severity: isJsonFile(file.path) || kind === 'utf16' ? 'high' : 'medium',
    evidence: ['its reader sees other characters at the start than the ones that it looks for'],
    advice:
      kind === 'utf8'
        ? `take the first three bytes out: tail -c +4 FILE > FILE.new && mv FILE.new FILE, with FILE = ${file.path}`
        : `write it as UTF-8: iconv -f UTF-16 -t UTF-8 FILE > FILE.new && mv FILE.new FILE, with FILE = ${file.path}`,
  });
};

/** What a program starts with when it finds nothing, in place of years of state. */
const stub: Trouble = async (file, now, tools) => {
  if (!isStrictJson(file.path)) return null;
  for (const edit of lastOf(file)) {
    const { before, after } = edit;
    if (after.kind !== 'file' || before.kind !== 'file' || after.size * CLIFF > before.size) continue;
    if (!isStub(strictly(await tools.text(after))) || strictly(await tools.text(before)) === undefined) continue;
    // It has been filled again since.
    if (now.size * 2 >= before.size || after.how === 'restore') return null;
    return found(edit, 'was replaced by what a first start writes', tools, {
      certainty: /(^|\/)\.claude\.json$/.test(file.path) ? 'likely' : 'possible',
      evidence: [`${after.size} bytes stand where ${before.size} stood`],
    });
  }
  return null;
};

/** Text that ends in the middle of a line of the version before. */
const cut: Trouble = async (file, now, tools) => {
  if (isJsonFile(file.path)) return null;
  for (const edit of lastOf(file)) {
    const { before, after } = edit;
    if (after.kind !== 'file' || before.kind !== 'file' || after.size >= before.size || after.size === 0) continue;
    const text = await tools.text(after);
    // A cut within a character leaves what is no UTF-8: then every byte is a character.
    if (!/[\x80-\xff]$/.test(text) && !(await tools.text(before)).startsWith(text)) continue;
    const part = await tools.bytes(after);
    if (!isCut(await tools.bytes(before), part)) continue;
    const isThere = now === after || (await stillEnds(part, await tools.bytes(before), now, tools));
    const { removed } = await tools.account(edit);
    if (!isThere || after.how === 'restore' || !removed.some(({ fate }) => fate === 'lost')) return null;
    return found(edit, 'was cut short', tools, {
      evidence: [
        part.at(-1) === 0x0a
          ? `it is the beginning of the version before and ends after ${part.length} bytes, where a buffer does`
          : 'it is the beginning of the version before and ends within a line of it',
      ],
    });
  }
  return null;
};

/** True when the torn line still stands there, alone or with something else behind it than what it once said. */
async function stillEnds(
  part: Uint8Array,
  whole: Uint8Array,
  now: Version,
  tools: RuleTools<Options>,
): Promise<boolean> {
  const bytes = await tools.bytes(now);
  if (isBeginning(bytes, part)) return bytes[part.length] !== whole[part.length];
  const piece = textOf(part).split('\n').at(-1)!.trim();
  return piece !== '' && linesOf(textOf(bytes)).has(piece);
}

/** A merge that nobody finished. */
const conflict: Trouble = async (file, now, tools) => {
  if (!isMarkdown(file.path) && !isJsonFile(file.path)) return null;
  const blocks = conflictsIn(textOf(await tools.bytes(now)));
  if (blocks.length === 0) return null;
  const edit = await edgeOf(file, now, async one => conflictsIn(textOf(await tools.bytes(one))).length > 0);
  const before = edit && textOf(await tools.bytes(edit.before));
  const real = before === null ? [] : blocks.filter(block => isOf(block, before));
  const [block] = real;
  if (!edit || !block) return null;
  return found(
    edit,
    `has the marks of ${real.length === 1 ? 'a merge' : `${real.length} merges`} that nobody finished`,
    tools,
    {
      evidence: [`lines ${block.from} to ${block.to} say both: what stood there, and what came`],
      advice: `choose between the two in lines ${block.from} to ${block.to} and take the marks out, or ${back(edit.before)}`,
    },
  );
};

interface More {
  readonly certainty?: Certainty;
  readonly severity?: Severity;
  readonly evidence: readonly string[];
  readonly advice?: string;
}

/** What went is what the last whole version says and the file as it is now does not, however broken. */
async function found(edit: Edit, what: string, tools: RuleTools<Options>, more: More): Promise<Finding> {
  const { before, after } = edit;
  const said = await tools.bytes(after);
  // Advice of its own says that the text is all there.
  const gone =
    more.advice === undefined
      ? missing(await tools.units(before), textOf(said), isBeginning(await tools.bytes(before), said))
      : [];
  return {
    path: after.path,
    message: `${after.path} ${what} since the write of ${clock(after.at)}`,
    certainty: more.certainty ?? 'likely',
    severity: more.severity ?? 'high',
    lost: gone.length > 0 ? before : null,
    cause: after,
    base: null,
    units: gone.length > 0 ? gone : [wholeOf(after)],
    evidence: [...more.evidence, `the version of ${clock(before.at, after.at)} was whole`],
    advice: more.advice ?? back(before),
    standing: true,
  };
}

function back({ path, id }: Version): string {
  return `undertext restore ${path} --at ${id} puts the last whole version back`;
}

/** Of a text that was cut, what ends behind the cut; else what no longer stands anywhere. */
function missing(units: readonly Unit[], said: string, wasCut: boolean): readonly Unit[] {
  if (wasCut) return units.filter(({ end }) => end > said.length);
  const lines = linesOf(said);
  const isThere = (unit: Unit) =>
    unit.text.split('\n').every(line => lines.has(line.trim())) || (said.length < 200_000 && said.includes(unit.text));
  return units.filter(unit => !isThere(unit));
}

function linesOf(text: string): ReadonlySet<string> {
  return new Set(text.split('\n').map(line => line.trim()));
}

function wholeOf({ path, blob }: Version): Unit {
  return { ...fileUnit(path), text: nameOf(path), fingerprint: `file ${path} ${blob}` };
}

/** The edit since which it has been so without a break; null when it is not so, or always was, or we did it ourselves. */
async function edgeOf(
  file: PathHistory,
  now: Version,
  isSo: (version: Version) => Promise<boolean>,
): Promise<Edit | null> {
  if (!(await isSo(now))) return null;
  for (const edit of lastOf(file)) {
    if (edit.before.kind !== 'file') return null;
    // A restore that was undone left it as it was before.
    if (edit.after.how === 'restore' && edit.before.how === 'restore') continue;
    if (!(await isSo(edit.before))) return edit.after.how === 'restore' ? null : edit;
  }
  return null;
}

/** Newest first. */
function lastOf(file: PathHistory): readonly Edit[] {
  return file.edits.slice(-EDITS).reverse();
}

/** Lines that are no record, between whole ones. */
async function tornRecords(file: PathHistory, now: Version, tools: RuleTools<Options>): Promise<readonly Finding[]> {
  if (now.size > tools.options.largestLog) return [];
  const torn = tornLines(await tools.bytes(now));
  const [first] = torn;
  // A log only grows: the version that first reached so far brought it.
  const cause =
    first && file.versions.find(({ kind, size, settled }) => kind === 'file' && settled && size > first.end);
  if (!cause || cause === file.versions[0]) return [];
  return [
    {
      path: file.path,
      message: `${torn.length} ${torn.length === 1 ? 'line is' : 'lines are'} no whole ${torn.length === 1 ? 'record' : 'records'} in ${file.path} since the write of ${clock(cause.at)}`,
      certainty: 'likely',
      severity: 'medium',
      lost: null,
      cause,
      base: null,
      units: [wholeOf(cause)],
      evidence: [
        torn.some(({ hasNul }) => hasNul)
          ? 'NUL bytes stand where a record should be'
          : 'whole records stand before and after it: two programs wrote at once, or one was stopped',
      ],
      advice: `no version has it whole; readers that stop there need the line taken out of ${file.path}`,
      standing: true,
    },
  ];
}

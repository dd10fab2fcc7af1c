/** Text that is damaged and still there: characters that became others, and line ends that went. */
import type {
  Certainty,
  Damage,
  DamagedLine,
  DamageKind,
  Edit,
  Finding,
  PathHistory,
  RuleTools,
  Severity,
  Version,
} from '../../../../src/rule.ts';
import { clock } from '../../../../src/rule.ts';
import { isJsonFile } from './json.ts';

/** So many edits back the write is looked for that damaged a text, … */
const EDITS = 100;
/** … and in so many bytes of versions: half a second. */
const BYTES = 16_000_000;
/** So many damaged lines are much, and so is a tenth of a file. */
const MANY = 5;

const became: Readonly<Record<DamageKind, string>> = {
  replaced: 'became U+FFFD',
  questioned: 'became question marks',
  control: 'became NUL or control characters',
  misread: 'were garbled',
  dropped: 'were left out',
  recoded: 'are no longer UTF-8',
  garbled: 'were garbled',
  emptied: 'were emptied',
};

/** One finding for each write whose damage still stands. */
export async function damaged(file: PathHistory, now: Version, tools: RuleTools): Promise<readonly Finding[]> {
  const edits = recent(file);
  const damages = new Map<Edit, Damage>();
  // What a line became, and the write that damaged it first: a text may be misread twice.
  const origins = new Map<string, Edit>();
  for (const edit of edits) {
    const damage = await tools.damage(edit);
    for (const { kind, text, became } of damage.lines)
      if (kind !== 'recoded') origins.set(became, origins.get(text) ?? edit);
    if (damage.lines.length > 0 || damage.flattened > 0) damages.set(edit, damage);
  }
  if (damages.size === 0) return [];
  const standing = new Set(linesOf(await tools.bytes(now)).flatMap(line => origins.get(line) ?? []));
  const findings: Finding[] = [];
  for (const [edit, damage] of damages) {
    if (standing.has(edit) || (await isStillRecoded(edit, damage, now, tools)))
      findings.push(await ofLines(edit, damage, tools));
    else if (damage.flattened > 0 && (await tools.damage({ before: edit.before, after: now })).flattened > 0) {
      findings.push(await ofLineEnds(edit, damage, now, tools));
      break;
    }
  }
  return findings;
}

/** Bytes of another encoding read the same as what they were made of: only the version before tells them apart. */
async function isStillRecoded({ before }: Edit, { lines }: Damage, now: Version, tools: RuleTools): Promise<boolean> {
  const isRecoded = ({ kind }: DamagedLine) => kind === 'recoded';
  return lines.some(isRecoded) && (await tools.damage({ before, after: now })).lines.some(isRecoded);
}

/** Oldest first; what undertext itself put back damaged nothing. */
function recent({ edits }: PathHistory): readonly Edit[] {
  const found: Edit[] = [];
  let bytes = 0;
  for (const edit of edits.slice(-EDITS).reverse()) {
    const { before, after } = edit;
    bytes += before.size + after.size;
    if (bytes > BYTES && found.length > 0) break;
    if (before.kind === 'file' && after.kind === 'file') found.push(edit);
  }
  return found.reverse();
}

async function ofLines({ before, after }: Edit, { lines, edited, kept }: Damage, tools: RuleTools): Promise<Finding> {
  const all = [...lines, ...edited].toSorted((a, b) => a.line - b.line);
  const units = (await tools.units(before)).filter(hits(all));
  const kind = commonest(lines);
  const characters = lines.reduce((sum, line) => sum + line.characters, 0);
  const how = lines.find(line => line.kind === kind)!.how;
  const what =
    kind === 'emptied'
      ? plural(lines.length, 'record')
      : `${plural(characters, 'character')} in ${plural(lines.length, 'line')}`;
  return {
    path: after.path,
    message: `${what} of ${after.path} ${characters === 1 && kind !== 'emptied' ? became[kind].replace(/^were/, 'was').replace(/^are/, 'is') : became[kind]} with the write of ${clock(after.at)}`,
    ...weight(kind, lines.length, kept, (await tools.text(before)).split('\n').length, after.path),
    lost: before,
    cause: after,
    base: null,
    units,
    evidence: [
      ...(how === '' ? [] : [how]),
      example(lines[0]!),
      'all other text of these lines stands as it was',
      ...(edited.length === 0
        ? []
        : [
            `${plural(edited.length, 'more line')} ${edited.length === 1 ? 'was' : 'were'} damaged and edited by the same write`,
          ]),
    ],
    ...(edited.length === 0
      ? {}
      : {
          advice: `the restore asks which text of ${plural(edited.length, 'line')} to keep that the same write also edited`,
        }),
    standing: true,
  };
}

async function ofLineEnds(
  { before, after }: Edit,
  { flattened }: Damage,
  now: Version,
  tools: RuleTools,
): Promise<Finding> {
  const left = new Set((await tools.units(now)).map(({ fingerprint }) => fingerprint));
  const gone = (await tools.units(before)).filter(({ fingerprint }) => !left.has(fingerprint));
  const isCode = !/\.(?:md|mdx|markdown)$/i.test(after.path);
  return {
    path: after.path,
    message: `${after.path} lost its line ends with the write of ${clock(after.at)}: ${isCode ? plural(flattened, 'line') : plural(flattened, 'heading, item and row', 'headings, items and rows')} no longer ${flattened === 1 ? 'begins' : 'begin'} a line`,
    certainty: 'likely',
    severity: 'high',
    lost: before,
    cause: after,
    base: null,
    units: gone,
    evidence: ['the words of the version before stand there in their order, and its line ends do not'],
    standing: true,
  };
}

function weight(
  kind: DamageKind,
  lines: number,
  kept: number,
  of: number,
  path: string,
): { readonly certainty: Certainty; readonly severity: Severity } {
  // One line of several may be an example of such signs; nobody writes a NUL.
  const isSure = lines > 1 || kept === 0 || kind === 'control' || kind === 'replaced';
  const isMuch = lines >= MANY || lines * 10 >= of || isJsonFile(path);
  return { certainty: isSure ? 'likely' : 'possible', severity: isMuch && kind !== 'recoded' ? 'high' : 'medium' };
}

function commonest(lines: readonly DamagedLine[]): DamageKind {
  const counts = new Map<DamageKind, number>();
  for (const { kind } of lines) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].toSorted((a, b) => b[1] - a[1])[0]![0];
}

/** True for units that hold a part of one of the lines; both are in the order of the file. */
function hits(lines: readonly DamagedLine[]): (unit: { readonly start: number; readonly end: number }) => boolean {
  let at = 0;
  return ({ start, end }) => {
    while (at < lines.length && lines[at]!.end <= start) at++;
    return at < lines.length && lines[at]!.start < end;
  };
}

function example({ text, became, kind }: DamagedLine): string {
  const short = (line: string) => JSON.stringify(line.trim().slice(0, 60));
  return kind === 'recoded'
    ? `${short(text)} has the same characters in other bytes`
    : `${short(text)} is ${short(became)} now`;
}

function plural(n: number, word: string, many = `${word}s`): string {
  return `${n} ${n === 1 ? word : many}`;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Each line as it is compared: as UTF-8, or one character for each byte where it is none. */
function linesOf(bytes: Uint8Array): readonly string[] {
  const lines = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1').split(/\r?\n/);
  return lines.map(line => {
    try {
      return utf8.decode(Buffer.from(line, 'latin1'));
    } catch {
      return line;
    }
  });
}

import type { Finding, PathHistory, Rule, RuleTools, Unit, Version } from '../src/rule.ts';
import { clock, fitsAny } from '../src/rule.ts';
import { cutOf } from './index-overflow/cut.ts';

interface Options {
  /** Globs of the indexes. */
  readonly files: readonly string[];
  /** How many lines are loaded. */
  readonly lines: number;
  /** How many bytes are loaded. */
  readonly bytes: number;
}

/** How many edits of an index back the write is looked for that made it too long. */
const EDITS = 1000;

const rule: Rule<Options> = {
  id: 'index-overflow',
  summary: 'An index grew longer than what is loaded of it: what stands further down is not seen.',
  severity: 'medium',
  options: {
    files: ['{memory,**/memory}/MEMORY.md', '**/agent-memory/*/MEMORY.md', '**/agent-memory-local/*/MEMORY.md'],
    lines: 200,
    bytes: 25_000,
  },

  async checkPath(file: PathHistory, tools: RuleTools<Options>) {
    if (!file.path.endsWith('.md') || !fitsAny(file.path, tools.options.files)) return [];
    const now = file.versions.at(-1);
    if (now?.kind !== 'file' || !now.settled || !(await isOver(now, tools))) return [];
    const cause = await crossing(file, tools);
    const units = await unitsBeyond(now, tools);
    const entries = units.filter(unit => unit.kind === 'list-item' || unit.kind === 'table-row');
    // What else is wrong with one of these lines is another matter, and another incident.
    const told = (entries.length > 0 ? entries : units).map(unit => ({
      ...unit,
      fingerprint: `beyond ${unit.fingerprint}`,
    }));
    const { lines, bytes } = tools.options;
    const finding: Finding = {
      path: file.path,
      message: `${file.path} is longer than what is loaded, and ${inNumber(told, entries.length > 0)} not seen${cause ? `, since the write of ${clock(cause.at)}` : ''}`,
      certainty: 'likely',
      lost: null,
      cause,
      base: null,
      units: told,
      evidence: [`the first ${lines} lines or ${bytes.toLocaleString('en')} bytes are loaded, whichever comes first`],
      // The same wrong as long as it is too long, whatever falls off.
      related: [file.path],
      advice: 'shorten its lines, or move entries to a list of their own that one line names',
      standing: true,
    };
    return [finding];
  },
};

export default rule;

/** The first version of those in a row, up to now, that are too long; null when nobody knows. */
async function crossing(file: PathHistory, tools: RuleTools<Options>): Promise<Version | null> {
  const edits = file.edits.slice(-EDITS);
  for (const { before, after } of [...edits].reverse()) {
    if (before.kind !== 'file' || !(await isOver(before, tools))) return after;
  }
  const first = edits[0]?.before ?? file.versions.at(-1)!;
  return edits.length < file.edits.length || tools.isFirstLook(first) ? null : first;
}

async function isOver(version: Version, tools: RuleTools<Options>): Promise<boolean> {
  // As many lines have at least as many line ends.
  if (version.size < Math.min(tools.options.lines, tools.options.bytes)) return false;
  return cutOf(new TextDecoder().decode(await tools.bytes(version)), tools.options) !== null;
}

/** What stands below the place where loading ends; what begins above it is there in part. */
async function unitsBeyond(version: Version, tools: RuleTools<Options>): Promise<readonly Unit[]> {
  const cut = cutOf(await tools.text(version), tools.options) ?? 0;
  const units = await tools.units(version);
  const beyond = units.filter(unit => unit.start >= cut);
  return beyond.length > 0 ? beyond : units.slice(-1);
}

function inNumber(units: readonly Unit[], areEntries: boolean): string {
  const one = units.length === 1;
  return areEntries ? `${units.length} ${one ? 'entry is' : 'entries are'}` : `the end from "${units[0]?.name}" on is`;
}

import type { Certainty, Edit, Finding, PathHistory, Rule, RuleTools, Severity, Unit, Version } from '../src/rule.ts';
import { clock } from '../src/rule.ts';
import type { Fault, Kind } from './bad-frontmatter/faults.ts';
import { faultsOf, has, kindOf, needed } from './bad-frontmatter/faults.ts';
import type { Front } from './bad-frontmatter/front.ts';
import { frontOf } from './bad-frontmatter/front.ts';

interface Options {
  /** Characters of a skill's description, with `when_to_use`, that are listed. */
  readonly longest: number;
  /** Characters of it that other clients take. */
  readonly portable: number;
  /** How long a new file may lack its fields. */
  readonly graceSeconds: number;
}

/** How many edits back the fields are looked for. */
const EDITS = 300;

const rule: Rule<Options> = {
  id: 'bad-frontmatter',
  summary: 'The fields at the top of a memory, skill or agent went or broke: its reader no longer finds it.',
  severity: 'medium',
  options: { longest: 1536, portable: 1024, graceSeconds: 120 },

  async checkPath(file: PathHistory, tools: RuleTools<Options>) {
    const kind = kindOf(file.path);
    const now = file.versions.at(-1);
    if (kind === null || now?.kind !== 'file' || now.size === 0 || !now.settled) return [];
    const front = frontOf(await tools.bytes(now));
    if (front === null) return [];
    const went = await fieldsThatWent(file, kind, front, tools);
    const lost = new Set(went.flatMap(({ fields }) => fields.flat()));
    const faults = faultsOf(file.path, kind, front, tools.options).filter(({ field }) => !lost.has(field));
    return [
      ...(await Promise.all(went.map(each => regression(file, kind, each, tools)))),
      ...(await standing(file, kind, faults, tools)),
    ];
  },
};

export default rule;

interface Went {
  readonly edit: Edit;
  readonly fields: readonly (readonly string[])[];
}

/** Needed fields that an earlier version had, by the edit that took them; a file that came anew never had any. */
async function fieldsThatWent(
  file: PathHistory,
  kind: Kind,
  front: Front,
  tools: RuleTools<Options>,
): Promise<readonly Went[]> {
  const went: Went[] = [];
  let missing =
    front.state === 'closed' || front.state === 'none' ? needed[kind].filter(names => !has(front, names)) : [];
  if (front.refused !== null) missing = [];
  for (const edit of file.edits.slice(-EDITS).reverse()) {
    if (missing.length === 0 || edit.after.kind !== 'file' || edit.before.kind !== 'file') break;
    const before = frontOf(await tools.bytes(edit.before));
    if (before === null) break;
    const fields = missing.filter(names => has(before, names));
    if (fields.length > 0) went.push({ edit, fields });
    missing = missing.filter(names => !fields.includes(names));
  }
  return went;
}

async function regression(
  file: PathHistory,
  kind: Kind,
  { edit, fields }: Went,
  tools: RuleTools<Options>,
): Promise<Finding> {
  const names = fields.flat();
  const units = (await tools.units(edit.before)).filter(
    unit => unit.kind === 'field' && names.includes(unit.name) && !/:\s*(?:""|'')?\s*$/.test(unit.text),
  );
  const said = fields.map(([name]) => name).join(' and ');
  const isAnother = await becameAnother(edit, tools);
  return {
    path: file.path,
    message: `${said} of ${file.path} ${fields.length === 1 ? 'is' : 'are'} gone since the write of ${clock(edit.after.at)}`,
    ...gravity(kind, names, isAnother),
    lost: units.length > 0 ? edit.before : null,
    cause: edit.after,
    base: null,
    units: units.length > 0 ? units : names.slice(0, 1).map(name => fieldUnit(name, `no ${name}`)),
    evidence: [`the version of ${clock(edit.before.at, edit.after.at)} had ${said}`, reader[kind]],
    standing: true,
  };
}

/** True when less than half of the text below the fields is still there. */
async function becameAnother({ before, after }: Edit, tools: RuleTools<Options>): Promise<boolean> {
  const body = (await tools.units(before)).filter(unit => unit.kind !== 'field');
  const now = new Set((await tools.units(after)).map(unit => unit.fingerprint));
  return body.filter(unit => now.has(unit.fingerprint)).length * 2 < body.length;
}

const reader: Readonly<Record<Kind, string>> = {
  agent: 'an agent without name or description is skipped, and nobody says so',
  skill: 'a skill is found by its description',
  memory: 'a memory is chosen by its name and description',
};

function gravity(
  kind: Kind,
  names: readonly string[],
  isAnother: boolean,
): { readonly severity: Severity; readonly certainty: Certainty } {
  const isSmall = names.every(
    name => name === 'type' || name === 'metadata.type' || (kind === 'skill' && name === 'name'),
  );
  const certainty = isAnother || (kind === 'skill' && isSmall) ? 'possible' : 'likely';
  return { severity: isSmall ? 'low' : kind === 'agent' ? 'high' : 'medium', certainty };
}

/** What is wrong now, by the write that made it so: one finding for each. */
async function standing(
  file: PathHistory,
  kind: Kind,
  faults: readonly Fault[],
  tools: RuleTools<Options>,
): Promise<readonly Finding[]> {
  const groups = new Map<Version | null, { readonly faults: Fault[]; readonly wasFine: boolean }>();
  for (const fault of faults) {
    const { cause, wasFine } = await causeOf(fault, file, kind, tools);
    const group = groups.get(cause) ?? { faults: [], wasFine };
    group.faults.push(fault);
    groups.set(cause, group);
  }
  return [...groups].map(([cause, { faults, wasFine }]) => ({
    path: file.path,
    message: `${file.path}: ${faults.map(({ says }) => says).join('; ')}${cause ? `, since the write of ${clock(cause.at)}` : ''}`,
    certainty: faults.some(({ certainty }) => certainty === 'likely') ? 'likely' : 'possible',
    severity: wasFine && faults.some(({ isGrave }) => isGrave) ? 'medium' : 'low',
    lost: null,
    cause,
    base: null,
    units: faults.map(({ field, key }) => fieldUnit(field, key)),
    evidence: [
      cause === null ? 'it was so when it was first seen' : wasFine ? 'the version before was in order' : reader[kind],
    ],
    advice: faults.map(({ advice }) => advice).join('; '),
    standing: true,
  }));
}

/** The first version of those in a row, up to now, that have the fault; null when nobody knows what made it so. */
async function causeOf(
  fault: Fault,
  file: PathHistory,
  kind: Kind,
  tools: RuleTools<Options>,
): Promise<{ readonly cause: Version | null; readonly wasFine: boolean }> {
  let first = file.versions.at(-1)!;
  for (const { before, after } of file.edits.slice(-EDITS).reverse()) {
    first = after;
    if (before.kind !== 'file') break;
    const front = frontOf(await tools.bytes(before));
    const had = front === null ? [] : faultsOf(file.path, kind, front, tools.options);
    if (!had.some(({ key }) => key === fault.key)) return { cause: after, wasFine: true };
    first = before;
  }
  return { cause: tools.isFirstLook(first) ? null : first, wasFine: false };
}

function fieldUnit(name: string, key: string): Unit {
  return { kind: 'field', name, text: name, place: 'frontmatter', fingerprint: `frontmatter ${key}`, start: 0, end: 0 };
}

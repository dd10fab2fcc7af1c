import type {
  Account,
  Certainty,
  Edit,
  Finding,
  PathHistory,
  Rule,
  RuleTools,
  Severity,
  Unit,
  Writer,
} from '../src/rule.ts';
import { clocks, fitsAny, glob, inWords, nameOf } from '../src/rule.ts';
import { isOnesOwn, nameForm, ownName } from './shared-handoff/grammar.ts';

interface Options {
  /** Globs of the files that one session writes for the next. */
  readonly files: readonly string[];
  /** How they shall be named: `handoff-{branch}-{time}.md`; also `{session}` and `{date}`. '' asks for nothing. */
  readonly names: string;
}

/** Without records: two that are written so soon after each other are of sessions side by side. */
const SIDE_BY_SIDE_MS = 30 * 60_000;
/** A plan is made anew for each task, by one session. */
const isPlan = glob('{,profiles/*/}plans/*.md');

const rule: Rule<Options> = {
  id: 'shared-handoff',
  summary: 'Two sessions wrote their handoff into one file, and the second replaced that of the first.',
  severity: 'medium',
  options: {
    files: ['**/handoff*.md', '**/HANDOFF*.md', '**/*-handoff.md', '{,profiles/*/}plans/*.md'],
    names: '',
  },

  async checkPath(file: PathHistory, tools: RuleTools<Options>) {
    if (!isHandoff(tools.options.files)(file.path)) return [];
    const findings: Finding[] = [];
    let wasGuessed = false;
    for (const edit of file.edits) {
      if (edit.before.kind !== 'file' || edit.after.kind !== 'file' || edit.after.how === 'restore') continue;
      const about = await tools.account(edit);
      const units = about.removed.filter(({ fate }) => fate === 'lost').map(({ unit }) => unit);
      if (units.length === 0 || !(await isReplaced(about, units, tools))) continue;
      const writers = [await tools.writer(edit.before), await tools.writer(edit.after)] as const;
      if (isOnesOwn(nameOf(file.path), writers)) continue;
      const verdict = await judge(edit, about, isUsualFor(about), writers, tools);
      // What is made anew again and again, nobody knows by whom, is told once.
      if (verdict === null || (verdict.isGuess && wasGuessed)) continue;
      wasGuessed ||= verdict.isGuess;
      findings.push(findingOf(edit, units, writers, verdict, tools.options));
    }
    const misnamed = await misnamedOf(file, tools);
    return misnamed ? [...findings, misnamed] : findings;
  },
};

/** Globs are made once for each list of them. */
const known = new WeakMap<readonly string[], (path: string) => boolean>();

function isHandoff(files: readonly string[]): (path: string) => boolean {
  const made = known.get(files);
  if (made) return made;
  const isOne = (path: string) => fitsAny(path, files);
  known.set(files, isOne);
  return isOne;
}

/** True when little of what stood there is left: who adds to a handoff has read it. */
async function isReplaced(
  { edit, isRewrite, isStale }: Account,
  units: readonly Unit[],
  tools: RuleTools<Options>,
): Promise<boolean> {
  return isRewrite || (isStale && units.length * 2 > (await tools.units(edit.before)).length);
}

interface Verdict {
  readonly certainty: Certainty;
  readonly severity: Severity;
  readonly why: string;
  readonly isGuess: boolean;
}

/** True when every session makes it anew. */
function isUsualFor({ removed }: Account): boolean {
  return removed.every(({ fate, isUsual }) => fate !== 'lost' || isUsual === true);
}

async function judge(
  { before, after }: Edit,
  { certainty, overwritten, isStale }: Account,
  isUsual: boolean,
  [first, second]: readonly [Writer | null, Writer | null],
  { text }: RuleTools<Options>,
): Promise<Verdict | null> {
  if (first?.kind === 'session' && second?.kind === 'session') {
    if (first.id === second.id) return null;
    const sure = overwritten.length > 0 && certainty === 'proven' ? 'proven' : 'likely';
    return { certainty: sure, severity: 'medium', why: 'no record says that the second had read it', isGuess: false };
  }
  if (isPlan(after.path)) return null;
  if (isStale) {
    const why = 'the second grew from an older version, so two were at work';
    if (certainty !== 'possible') return { certainty: 'likely', severity: 'medium', why, isGuess: false };
    return { certainty, severity: isUsual ? 'low' : 'medium', why, isGuess: false };
  }
  const [was, is] = [titleOf(await text(before)), titleOf(await text(after))];
  if (was === is) return null;
  const isSoon = after.at - before.at <= SIDE_BY_SIDE_MS;
  return {
    certainty: 'possible',
    severity: isSoon ? 'medium' : 'low',
    why: 'no record says who wrote them; their titles differ',
    isGuess: true,
  };
}

function findingOf(
  { before, after }: Edit,
  units: readonly Unit[],
  [first, second]: readonly [Writer | null, Writer | null],
  { certainty, severity, why }: Verdict,
  { names }: Options,
): Finding {
  const [had, wrote] = clocks([before.at, after.at], after.at);
  const of = (writer: Writer | null) => (writer ? ` of ${writer.label || writer.id}` : '');
  const own = ownName(nameOf(after.path), names, first, before.at);
  return {
    path: after.path,
    message: `the handoff of ${had}${of(first)} was replaced by that of ${wrote}${of(second)}, without ${inWords(units)}`,
    certainty,
    severity,
    lost: before,
    cause: after,
    base: null,
    units,
    evidence: [why, `nothing in the name ${nameOf(after.path)} says which session it is of`],
    advice: `two handoffs in one file help nobody: undertext restore ${quoted(after.path)} --at ${before.id} --to ${quoted(own)} puts the older one into a file of its own, and let each session name its own so`,
  };
}

/** Told once for each file, from its birth on. */
async function misnamedOf(file: PathHistory, tools: RuleTools<Options>): Promise<Finding | null> {
  const { names } = tools.options;
  const newest = file.versions.at(-1)!;
  const name = nameOf(file.path);
  if (names === '' || newest.kind !== 'file' || isPlan(file.path) || nameForm(names).test(name)) return null;
  const birth = file.versions[file.versions.findLastIndex(({ kind }) => kind === 'gone') + 1]!;
  const own = ownName(name, names, await tools.writer(birth), birth.at);
  return {
    path: file.path,
    message: `its name is not as ${names} asks for`,
    certainty: 'likely',
    severity: 'low',
    lost: null,
    cause: tools.isFirstLook(birth) ? null : birth,
    base: null,
    units: [{ kind: 'file', name, text: file.path, place: '', fingerprint: `name ${file.path}`, start: 0, end: 0 }],
    evidence: ['the next session that writes a handoff may take the same name'],
    advice: `call it ${own}`,
    standing: true,
  };
}

/** The first heading, else the first line that says something. */
function titleOf(text: string): string {
  const body = text.replace(/^\uFEFF?---\r?\n[\s\S]*?\n---[ \t]*(\r?\n|$)/, '');
  const line = /^#{1,6}[ \t]+(.+)$/m.exec(body)?.[1] ?? /\S.*/.exec(body)?.[0] ?? '';
  return line
    .replace(/[^\p{L}]+/gu, ' ')
    .trim()
    .toLowerCase();
}

/** As a shell takes it. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

export default rule;

import type { Finding, FolderHistory, PathHistory, Rule, RuleTools } from '../src/rule.ts';
import { clock, fileUnit, inWords, isOrAre, nameOf, timeOfWrite } from '../src/rule.ts';
import { type CopyName, copyName } from './conflict-copy/names.ts';
import { compare } from './conflict-copy/own.ts';

interface Options {
  /** Names of computers that OneDrive puts behind the name of a file: `ANNA-WORK`. */
  readonly hosts: readonly string[];
}

/** Under a name that people give as well, so much of the one must stand in the other. */
const ALIKE = 0.7;

const rule: Rule<Options> = {
  id: 'conflict-copy',
  summary: 'A sync tool left a second version beside a file, and nobody reads it.',
  severity: 'medium',
  options: { hosts: [] },

  async checkFolder(folder: FolderHistory, tools: RuleTools<Options>) {
    const findings: Finding[] = [];
    const depth = folder.path === '' ? -1 : folder.path.length;
    for (const file of folder.files) {
      if (file.path.lastIndexOf('/') !== depth || file.versions.at(-1)?.kind !== 'file') continue;
      const copy = copyName(file.path.slice(depth + 1), tools.options.hosts);
      if (!copy || (file.class !== 'authored' && file.class !== 'state')) continue;
      const isPlain = (other: PathHistory) =>
        copy.plains.some(name => other.path === file.path.slice(0, depth + 1) + name) &&
        other.versions.some(({ kind }) => kind === 'file');
      const plain = folder.files.find(isPlain);
      const finding = plain && (await findingOf(file, plain, copy, tools));
      if (finding) findings.push(finding);
    }
    return findings;
  },
};

async function findingOf(
  copy: PathHistory,
  plain: PathHistory,
  { tool, isSure }: CopyName,
  tools: RuleTools<Options>,
): Promise<Finding | null> {
  const lost = copy.versions.at(-1)!;
  const appeared = copy.versions[copy.versions.findLastIndex(({ kind }) => kind === 'gone') + 1]!;
  const [first] = plain.versions;
  // How long a file had stood that a scan found, its modification time does not say.
  const isOlder = first!.how !== 'scan' && timeOfWrite(first!) > timeOfWrite(appeared);
  // A copy that somebody wrote, or goes on writing, is a file in its own right.
  const isWorkedOn = copy.edits.some(({ before }) => before.seenAt >= appeared.seenAt);
  if (!isSure && (isOlder || isWorkedOn || (await tools.writer(appeared))?.kind === 'session')) return null;
  const { base, own, likeness } = await compare(lost, appeared, plain, tools);
  if (!isSure && likeness < ALIKE) return null;
  const [copyIs, name] = [nameOf(copy.path), nameOf(plain.path)];
  const left = `${tool} left ${copyIs}${tools.isFirstLook(appeared) ? '' : ` at ${clock(appeared.at)}`}`;
  const isGone = plain.versions.at(-1)!.kind === 'gone';
  const shared = { path: plain.path, related: [copy.path], standing: true };
  if (own.length === 0 || likeness === 0) {
    const isMore = own.length > 0;
    return {
      ...shared,
      message: isMore
        ? `${left}, which has nothing in common with ${name}`
        : `${left}, which says nothing that ${name} lacks`,
      // A second one of what stands there anyway harms nobody: sync tools leave them by the dozen.
      certainty: isSure && isMore ? 'likely' : 'possible',
      severity: isMore ? 'medium' : 'low',
      lost: null,
      cause: tools.isFirstLook(appeared) ? null : appeared,
      base: null,
      units: [fileUnit(copy.path)],
      evidence: [`its name is how ${tool} calls the second version of a file`],
      advice: isMore
        ? `read both, and keep what you need: ${copy.path} and ${plain.path}`
        : `the copy says nothing that ${name} lacks; delete ${copy.path}`,
    };
  }
  return {
    ...shared,
    message: `${left}, and ${inWords(own)} of it ${isOrAre(own)} not in ${name}`,
    // Without an older version nobody knows which of the two took something out.
    certainty: isSure && base !== null && !isGone ? 'likely' : 'possible',
    lost,
    cause: appeared,
    base: base && { version: base, how: 'inferred' },
    units: own,
    evidence: [
      `its name is how ${tool} calls the second version of a file`,
      base
        ? `both grew from the version of ${clock(base.at, lost.at)}`
        : `no older version of ${name} is kept: some of it may have been taken out on purpose`,
      `when the text is in ${name} the copy can be deleted: ${copy.path}`,
    ],
  };
}

export default rule;

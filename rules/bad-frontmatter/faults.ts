/** What each kind of file must say at its top, and what is wrong with one: frontmatter → faults. */

import type { Certainty } from '../../src/rule.ts';
import { glob, nameOf } from '../../src/rule.ts';
import type { Front } from './front.ts';

export type Kind = 'agent' | 'skill' | 'memory';

export interface Limits {
  /** Characters of a skill's description, with `when_to_use`, that Claude Code lists. */
  readonly longest: number;
  /** Characters of it that the Agent Skills specification allows. */
  readonly portable: number;
}

export interface Fault {
  /** The same as long as it is the same fault. */
  readonly key: string;
  /** The field it is about. */
  readonly field: string;
  readonly says: string;
  readonly advice: string;
  readonly certainty: Certainty;
  /** True when its reader cannot use the file, so that the write that brought it did damage. */
  readonly isGrave: boolean;
}

const kinds: readonly (readonly [Kind, (path: string) => boolean])[] = [
  ['skill', glob('{skills,**/skills}/**/SKILL.md')],
  ['agent', glob('{agents,profiles/*/agents,.claude/agents,**/.claude/agents}/**/*.md')],
  ['memory', glob('{memory,**/memory,**/agent-memory/*,**/agent-memory-local/*}/*.md')],
];
/** Files that stand among the others and are none of them. */
const isOther = (name: string) =>
  /^(?:[._]|(?:readme|index|memory|claude|agents?|skills?|changelog|contributing|overview|todo)\b)/i.test(name);

export function kindOf(path: string): Kind | null {
  if (!path.endsWith('.md')) return null;
  const kind = kinds.find(([, fits]) => fits(path))?.[0] ?? null;
  return kind !== 'skill' && isOther(nameOf(path)) ? null : kind;
}

/** Each with the names a file may give it. */
export const needed: Readonly<Record<Kind, readonly (readonly string[])[]>> = {
  agent: [['name'], ['description']],
  skill: [['name'], ['description']],
  memory: [['name'], ['description'], ['type', 'metadata.type']],
};

export function has(front: Front, names: readonly string[]): boolean {
  return names.some(name => (front.fields.get(name) ?? '') !== '');
}

/** True for what only an agent of Claude Code says; `mode` and `temperature` are another client's, whose agents need no name. */
function isClaudeAgent({ fields }: Front): boolean {
  if (fields.has('mode') || fields.has('temperature')) return false;
  return ['tools', 'model', 'color', 'disallowedTools', 'permissionMode', 'maxTurns', 'mcpServers'].some(key =>
    fields.has(key),
  );
}

const memoryTypes = ['user', 'feedback', 'project', 'reference'];

/** What is wrong with the file as it stands, whatever stood there before. */
export function faultsOf(path: string, kind: Kind, front: Front, limits: Limits): readonly Fault[] {
  const unread = unreadable(front, kind);
  if (unread.length > 0) return unread;
  if (/template|example/i.test(path) || [...front.fields.values()].some(isPlaceholder)) return [];
  const own = kind === 'agent' ? ofAgent(front) : kind === 'skill' ? ofSkill(path, front, limits) : ofMemory(front);
  return front.refusedByStrict === null ? own : [...own, strict(front.refusedByStrict)];
}

/** Why its reader sees no fields at all. */
function unreadable({ state, hasMark, refused }: Front, kind: Kind): readonly Fault[] {
  const fault = (key: string, says: string, advice: string): Fault => ({
    key,
    field: 'frontmatter',
    says,
    advice,
    certainty: 'likely',
    isGrave: true,
  });
  if (state === 'unclosed') {
    return [fault('unclosed', 'its frontmatter is not closed', 'close the frontmatter with a line of three dashes')];
  }
  if (state === 'late' && kind !== 'memory') {
    return [fault('late', 'something stands before its frontmatter', 'let the file begin with the three dashes')];
  }
  if (state !== 'closed') return [];
  if (refused !== null) return [fault('refused', `its frontmatter cannot be read: ${refused}`, 'mend that line')];
  if (!hasMark) return [];
  return [
    fault(
      'mark',
      'a byte order mark stands before its frontmatter',
      'save the file as UTF-8 without a byte order mark: before 2.1.239 Claude Code ignored such files',
    ),
  ];
}

function strict(why: string): Fault {
  return {
    key: 'strict',
    field: 'frontmatter',
    says: `strict readers refuse its frontmatter: ${why}`,
    advice: 'put the value in quotes: some clients and versions drop all fields otherwise',
    certainty: 'possible',
    isGrave: false,
  };
}

function ofAgent(front: Front): readonly Fault[] {
  const name = front.fields.get('name') ?? '';
  const hasDescription = has(front, ['description']);
  const advice = 'write it into the frontmatter: an agent without is skipped, and nobody says so';
  const base = { advice, certainty: 'likely', isGrave: true } as const;
  if (name === '' && hasDescription && isClaudeAgent(front)) {
    return [{ ...base, key: 'no name', field: 'name', says: 'it has no name, so that it is taken for documentation' }];
  }
  if (name === '') return [];
  if (!hasDescription) {
    return [
      {
        ...base,
        key: 'no description',
        field: 'description',
        says: 'it has no description, so that the agent is skipped',
      },
    ];
  }
  if (!/^-|:/.test(name)) return [];
  return [
    {
      ...base,
      key: 'name',
      field: 'name',
      says: `an agent called ${name} is skipped`,
      advice: 'give it a name without a colon that does not begin with a dash',
    },
  ];
}

function ofSkill(path: string, front: Front, { longest, portable }: Limits): readonly Fault[] {
  const faults: Fault[] = [];
  const name = front.fields.get('name') ?? '';
  const folder = path.split('/').at(-2)!;
  const description = front.fields.get('description') ?? '';
  const listed = description.length + (front.fields.get('when_to_use') ?? '').length;
  const small = { certainty: 'possible', isGrave: false } as const;
  if (description === '' && front.fields.get('disable-model-invocation') !== 'true') {
    const says = 'it has no description, by which a model would know when to use it';
    faults.push({
      ...small,
      key: 'no description',
      field: 'description',
      says,
      advice: 'write one into the frontmatter',
    });
  }
  // What has blanks or capitals is a label, as Claude Code shows it.
  if (/^[a-z0-9-]+$/.test(name) && name !== folder && folder !== 'skills') {
    const says = `it is called ${name} and lies in ${folder}`;
    const advice = 'give both one name: Claude Code goes by the folder, other clients refuse the skill';
    faults.push({ ...small, key: 'name', field: 'name', says, advice });
  }
  if (listed > longest) {
    const says = `of the ${listed} characters of its description ${longest} are listed`;
    const advice = 'put what tells when to use it first, and shorten the rest';
    faults.push({ ...small, certainty: 'likely', key: 'long', field: 'description', says, advice });
  } else if (description.length > portable) {
    const says = `its description has ${description.length} characters, and other clients take ${portable}`;
    faults.push({ ...small, key: 'long elsewhere', field: 'description', says, advice: 'shorten it' });
  }
  return faults;
}

function ofMemory(front: Front): readonly Fault[] {
  const isTyped = memoryTypes.includes(front.fields.get('type') ?? front.fields.get('metadata.type') ?? '');
  const isStamped = front.fields.get('metadata.node_type') === 'memory';
  return ['name', 'description'].flatMap(field => {
    const isBlank = front.fields.get(field) === '';
    if (!isBlank && (field === 'name' || has(front, [field]) || !(isTyped || isStamped))) return [];
    return [
      {
        key: `no ${field}`,
        field,
        says: isBlank ? `its ${field} is blank` : `it has no ${field}`,
        advice: `write a ${field} into the frontmatter: memories are chosen by it`,
        certainty: 'likely' as const,
        isGrave: true,
      },
    ];
  });
}

function isPlaceholder(value: string): boolean {
  return /^(?:\{\{.*\}\}|\$\{.*\}|<[^<>]+>|\[[^[\]]+\]|\.\.\.|…)$/.test(value) && !/,/.test(value);
}

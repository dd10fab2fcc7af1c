/** The records of one transcript, one after another → acts. Calls wait here for their results. */
import type { Time } from '../../model.ts';
import type { Actor, RawAct } from '../act.ts';
import { seenInAttachment } from './attachments.ts';
import { type Call, isKnownTool, targetsOf } from './calls.ts';
import { noticedChanges } from './hints.ts';
import type { Place, Places } from './places.ts';
import { type Fields, fields, isFields, list, text, time } from './record.ts';
import { actsOf, type Result } from './results.ts';
import { skillOf } from './skill.ts';

export interface RecordDeps {
  readonly places: Places;
  /** Name of the root that the transcript lies in, and its path there. */
  readonly home: string;
  readonly transcript: string;
  /** Whose records these are when they do not say it themselves. */
  readonly session: string;
  readonly agent: string | null;
  /** The time of the first record of the transcript that has one. */
  first(): Time;
}

export interface Records {
  /** Acts of the record, which begins at `offset`. Never throws. */
  take(record: unknown, offset: number): readonly RawAct[];
  /** Calls that wait for a result, oldest first. */
  readonly waiting: ReadonlyMap<string, Call>;
  /** Gives a call up: its result did not come. */
  giveUp(id: string): void;
  /** The newest version of a client that was named; null when none was. */
  readonly version: string | null;
}

/** What a record says about itself. */
interface Frame {
  readonly at: Time;
  readonly actor: Actor;
  readonly cwd: string | null;
  readonly version: string | null;
  readonly uuid: string;
  readonly offset: number;
  readonly isLate: boolean;
}

/** In front of the uuid of a record of a sub-agent that has no name; see `sidechains.ts`. */
export const unnamed = 'side:';

export function recordsOf(deps: RecordDeps): Records {
  const { places, home, transcript } = deps;
  const waiting = new Map<string, Call>();
  /** What an actor read last of a file: that is what "unchanged" means. */
  const lastRead = new Map<string, string>();
  let version: string | null = null;

  const find = (spelled: string, cwd: string | null): Place | null => places.find(spelled, { home, cwd });

  const frameOf = (record: Fields, offset: number): Frame | null => {
    const at = time(record.timestamp);
    if (at === undefined) return null;
    const session = text(record.sessionId) ?? deps.session;
    const uuid = text(record.uuid) ?? `${session}:${offset}`;
    const named = text(record.agentId) ?? deps.agent;
    const agent = named ?? (record.isSidechain === true ? `${unnamed}${uuid}` : null);
    // A fork begins with records of its own, and then repeats what was before them.
    const isLate = at < deps.first();
    version = text(record.version) ?? version;
    return { at, actor: { session, agent }, cwd: text(record.cwd) ?? null, version, uuid, offset, isLate };
  };

  const call = (block: Fields, frame: Frame): void => {
    const [id, tool] = [text(block.id), text(block.name)];
    if (id === undefined || tool === undefined || !isKnownTool(tool)) return;
    const input = fields(block.input);
    const targets = targetsOf(tool, input, places, home, frame.cwd);
    if (targets.length === 0) return;
    const { actor, at, offset, cwd, isLate } = frame;
    waiting.set(id, { id, tool, input, actor, asked: at, offset, cwd, isLate, targets });
  };

  const result = (block: Fields, object: unknown, frame: Frame): readonly RawAct[] => {
    const id = text(block.tool_use_id);
    if (id === undefined) return [];
    const asked = waiting.get(id) ?? callOfResult(id, object, frame);
    waiting.delete(id);
    if (asked === undefined) return [];
    const answer: Result = {
      at: frame.at,
      isError: block.is_error === true,
      words: wordsOf(block.content),
      object,
      version: frame.version,
    };
    return withNoticed(actsOf(asked, answer, transcript).map(asLastRead), asked, answer);
  };

  const asLastRead = (act: RawAct): RawAct => {
    if (act.kind !== 'read' || act.tool !== 'Read') return act;
    const key = `${act.session}\0${act.agent}\0${act.root}\0${act.path}`;
    const after = act.isUnchanged === true ? lastRead.get(key) : act.after;
    if (after === undefined) return act;
    lastRead.set(key, after);
    return { ...act, after };
  };

  /** For a result whose call was lost: a result object names the file, too. */
  const callOfResult = (id: string, object: unknown, frame: Frame): Call | undefined => {
    if (!isFields(object)) return undefined;
    const tool = toolOf(object);
    if (tool === undefined) return undefined;
    const spelled = text(object.filePath) ?? text(object.notebook_path) ?? text(fields(object.file).filePath);
    const input = spelled === undefined ? {} : { file_path: spelled };
    const targets = targetsOf(tool, input, places, home, frame.cwd);
    if (targets.length === 0 && tool !== 'Bash') return undefined;
    const { actor, at, offset, cwd, isLate } = frame;
    return { id, tool, input, actor, asked: at, offset, cwd, isLate, targets };
  };

  const withNoticed = (acts: readonly RawAct[], asked: Call, { object, at }: Result): readonly RawAct[] => {
    if (!isFields(object)) return acts;
    const all = [...acts];
    for (const { spelled, patch, isGone, isNew } of noticedChanges(object)) {
      const place = find(spelled, asked.cwd);
      if (place === null) continue;
      const same = all.findIndex(act => act.kind === 'shell' && act.root === place.root && act.path === place.path);
      if (same !== -1) {
        if (patch !== undefined) all[same] = { ...all[same]!, patch };
        continue;
      }
      const { id, actor, tool, offset, isLate } = asked;
      all.push({
        id,
        kind: 'shell',
        ...actor,
        tool,
        ...place,
        asked: asked.asked,
        at,
        transcript,
        offset,
        shell: isGone === true ? 'remove' : 'run',
        ...(isNew === true ? { before: null } : {}),
        ...(patch === undefined ? {} : { patch }),
        ...(isLate ? { isLate } : {}),
      });
    }
    return all;
  };

  const shownAt = (frame: Frame, tool: string, seen: readonly (Place & Pick<RawAct, 'kind' | 'after'>)[]) =>
    seen.map((what, number): RawAct => {
      const { actor, at, offset, uuid, isLate } = frame;
      const late = isLate ? { isLate } : {};
      return { id: `${uuid}#${number}`, ...actor, tool, ...what, asked: at, at, transcript, offset, ...late };
    });

  const message = (record: Fields, frame: Frame): readonly RawAct[] => {
    const { content } = fields(record.message);
    if (typeof content === 'string') return [];
    const blocks = list(content).map(fields);
    if (record.type === 'assistant') {
      for (const block of blocks) if (block.type === 'tool_use') call(block, frame);
      return [];
    }
    const answers = blocks.filter(block => block.type === 'tool_result');
    // One object for several answers says nothing about any of them.
    const object = answers.length === 1 ? record.toolUseResult : undefined;
    const skills =
      answers.length > 0
        ? []
        : blocks.flatMap(block => skillOf(text(block.text) ?? '', spelled => find(spelled, frame.cwd)));
    return [...answers.flatMap(block => result(block, object, frame)), ...shownAt(frame, 'Skill', skills)];
  };

  const take = (record: Fields, offset: number): readonly RawAct[] => {
    const frame = frameOf(record, offset);
    if (frame === null) return [];
    if (record.type === 'assistant' || record.type === 'user') return message(record, frame);
    if (record.type === 'attachment') {
      const attachment = fields(record.attachment);
      return shownAt(
        frame,
        String(attachment.type),
        seenInAttachment(attachment, spelled => find(spelled, frame.cwd)),
      );
    }
    const data = fields(record.data);
    if (record.type === 'progress' && data.type === 'agent_progress' && isFields(data.message)) {
      // What a sub-agent said, told once more in the transcript of the session it works for.
      const { sessionId, cwd, version } = record;
      const agentId = text(data.agentId) ?? text(record.parentToolUseID);
      return take({ sessionId, cwd, version, agentId, ...data.message }, offset);
    }
    return [];
  };

  return {
    take: (record, offset) => (isFields(record) ? take(record, offset) : []),
    waiting,
    giveUp: id => void waiting.delete(id),
    get version() {
      return version;
    },
  };
}

/** What the model was told: a text, or the texts of blocks. */
function wordsOf(content: unknown): string {
  if (typeof content === 'string') return content;
  return list(content)
    .map(block => text(fields(block).text))
    .filter(words => words !== undefined)
    .join('\n');
}

function toolOf(object: Fields): string | undefined {
  if (isFields(object.file)) return 'Read';
  if (object.type === 'file_unchanged') return 'Read';
  if (typeof object.original_file === 'string') return 'NotebookEdit';
  if (object.type === 'create' || object.type === 'update') return 'Write';
  if (typeof object.oldString === 'string') return 'Edit';
  if (Array.isArray(object.edits)) return 'MultiEdit';
  return typeof object.staleReadFileStateHint === 'string' || isFields(object.bashEditDiff) ? 'Bash' : undefined;
}

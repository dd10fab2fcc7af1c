/** What was put before a session without its asking: instructions, memories, mentioned files, reminders. */
import type { RawAct } from '../act.ts';
import type { Place } from './places.ts';
import { type Fields, fields, lf, list, text } from './record.ts';
import { seenFile } from './results.ts';
import { shownText } from './shown.ts';

/** The attachments that name files and show of them; others are not worth parsing. */
export const tellingAttachments: ReadonlySet<string> = new Set([
  'instructions',
  'nested_memory',
  'relevant_memories',
  'edited_text_file',
  'file',
  'already_read_file',
  'plan_file_reference',
  'invoked_skills',
]);

/** What a client puts on the last line of what it did not load whole. */
const partlyLoaded = ['. Only part of it was loaded', 'This memory file was truncated'];

type Seen = Pick<RawAct, 'kind' | 'after' | 'firstLine' | 'isTrimmed'> & { readonly spelled: string };

/** In the order in which they stand there; `find` says which of them are files of a root. */
export function seenInAttachment(
  attachment: Fields,
  find: (spelled: string) => Place | null,
): readonly (Place & Omit<Seen, 'spelled'>)[] {
  return seen(attachment).flatMap(({ spelled, ...rest }) => {
    const place = find(spelled);
    return place === null ? [] : [{ ...place, ...rest }];
  });
}

function seen(attachment: Fields): readonly Seen[] {
  switch (attachment.type) {
    case 'instructions':
      return list(attachment.files)
        .map(fields)
        .flatMap(file => given(file.path, file.content));
    case 'relevant_memories':
      return list(attachment.memories)
        .map(fields)
        .flatMap(memory => given(memory.path, memory.content));
    case 'nested_memory': {
      const content = fields(attachment.content);
      // The client takes comments and front matter out of what it shows.
      if (content.contentDiffersFromDisk === true && typeof content.rawContent !== 'string') {
        return part(attachment.path ?? content.path, content.content);
      }
      return given(attachment.path ?? content.path, content.rawContent ?? content.content);
    }
    case 'plan_file_reference':
      return given(attachment.planFilePath, attachment.planContent);
    case 'invoked_skills':
      return list(attachment.skills)
        .map(fields)
        .flatMap(skill => part(skill.path, skill.content));
    case 'edited_text_file': {
      const snippet = shownText(text(attachment.snippet) ?? '');
      if (snippet === null || typeof attachment.filename !== 'string') return [];
      return [{ spelled: attachment.filename, kind: 'part', after: snippet.text, firstLine: snippet.firstLine }];
    }
    case 'file':
    case 'already_read_file': {
      const file = fields(fields(attachment.content).file);
      const found = seenFile(file);
      const spelled = text(file.filePath) ?? text(attachment.filename);
      if (found === null || spelled === undefined) return [];
      if (found.kind === 'part' || attachment.truncated === true) return [{ ...found, spelled, kind: 'part' }];
      return [{ ...found, spelled, kind: 'given' }];
    }
    default:
      return [];
  }
}

function given(path: unknown, content: unknown): readonly Seen[] {
  if (typeof path !== 'string' || typeof content !== 'string') return [];
  const whole = lf(content);
  const last = whole.trimEnd().lastIndexOf('\n');
  if (partlyLoaded.some(words => whole.includes(words, last + 1)))
    return part(path, whole.slice(0, last + 1).trimEnd());
  return [{ spelled: path, kind: 'given', after: whole, isTrimmed: true }];
}

function part(path: unknown, content: unknown): readonly Seen[] {
  if (typeof path !== 'string' || typeof content !== 'string') return [];
  return [{ spelled: path, kind: 'part', after: lf(content) }];
}

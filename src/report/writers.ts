/** Writers in words; never more certain than they are. */
import type { Writer } from '../model.ts';
import { visible } from './visible.ts';

/** So many characters of an id are shown at least: enough to find a session's file. */
const fewestOfId = 4;

/**
 * `session "feat/citation-tracker"`, `likely session …`, `unknown writer`. `among`: the others that are named beside it;
 * where two have one label, each carries the beginning of its id.
 */
export function writerInWords(writer: Writer | null, among: readonly (Writer | null)[] = []): string {
  if (writer === null || writer.kind === 'unknown') return 'unknown writer';
  const doubt = { proven: '', likely: 'likely ', possible: 'possibly ' }[writer.certainty];
  return doubt + nameInWords(writer, among);
}

/** The same without its certainty. */
export function nameInWords(writer: Writer, among: readonly (Writer | null)[] = []): string {
  if (writer.kind !== 'session') return `${writer.kind} ${visible(writer.label || writer.id)}`;
  const others = among.filter(other => other?.kind === 'session' && other.id !== writer.id).map(other => other!);
  const id = shortId(
    writer.id,
    others.map(other => other.id),
  );
  const label = writer.label.trim();
  const isShared = others.some(other => other.label.trim() === label);
  const name = label === '' ? id : `"${visible(label)}"${isShared ? ` (${id})` : ''}`;
  if (writer.agent === undefined) return `session ${name}`;
  const agents = among.flatMap(other => (other?.id === writer.id && other.agent ? [other.agent] : []));
  return `sub-agent ${shortId(writer.agent, agents)} of session ${name}`;
}

/** The beginning of an id, long enough to tell it from the others: `1b7c…`. */
export function shortId(id: string, others: readonly string[] = []): string {
  const isTaken = (length: number) => others.some(other => other !== id && other.startsWith(id.slice(0, length)));
  let length = fewestOfId;
  while (length < id.length && isTaken(length)) length++;
  return length + 1 >= id.length ? visible(id) : `${visible(id.slice(0, length))}…`;
}

/** True when both are the same session (and sub-agent), tool or person. */
export function isSameWriter(a: Writer, b: Writer): boolean {
  return a.kind === b.kind && a.id === b.id && a.agent === b.agent;
}

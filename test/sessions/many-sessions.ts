/**
 * What several sessions and a person do to one file, one thing after the other, and what is true of it: which text went with
 * which write, and whether its writer had ever had it. Told as records and versions; nothing of undertext is asked for it.
 */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { Time, Version } from '../../src/model.ts';
import type { Act, KnownContent, SessionFacts } from '../../src/sessions/act.ts';
import { textsIn } from '../../src/sessions/evidence/had-text.ts';
import type { Evidence } from '../../src/sessions/evidence.ts';

export const noon = Date.UTC(2026, 10, 20, 12);
export const place = { root: 'home', path: 'skills/_index.md' };

const whole = ['save', 'save', 'save', 'heredoc', 'tidy', 'undo'] as const;
const deeds = [
  ...(['read', 'read', 'read', 'given', 'part', 'cat', 'told', 'edit', 'edit', 'cut', ...whole] as const),
  ...(['rm', 'fork', 'type', 'strike', 'revert'] as const),
] as const;

export interface Move {
  readonly by: number;
  readonly does: (typeof deeds)[number];
  /** Whatever is to be chosen. */
  readonly pick: number;
  /** True for a text that is too short to be looked for. */
  readonly isShort: boolean;
}

export interface Play {
  readonly moves: readonly Move[];
  readonly shape: 'list' | 'sections';
  readonly lineEnd: '\n' | '\r\n';
  readonly hasBom: boolean;
  readonly endsInLine: boolean;
  /** How versions were seen: as they came, told by records, or found by a scan later. */
  readonly seen: 'event' | 'import' | 'scan';
  /** Of the clock of the sessions against that of the store (milliseconds). */
  readonly clockOff: number;
}

export const plays = (most: number): fc.Arbitrary<Play> =>
  fc.record({
    moves: fc.array(
      fc.record({
        by: fc.nat(3),
        does: fc.constantFrom(...deeds),
        pick: fc.nat(1000),
        isShort: fc.boolean(),
      }),
      { minLength: 3, maxLength: most },
    ),
    shape: fc.constantFrom('list', 'sections'),
    lineEnd: fc.constantFrom('\n', '\n', '\r\n'),
    hasBom: fc.constantFrom(false, false, true),
    endsInLine: fc.boolean(),
    seen: fc.constantFrom('event', 'event', 'import', 'scan'),
    clockOff: fc.constantFrom(0, 0, 0, 3_600_000, -3_600_000),
  });

/** One write, and what was true of it. */
export interface Written {
  readonly version: string;
  /** Null: a person. */
  readonly by: string | null;
  /** What stood before and does not stand after. */
  readonly removed: readonly string[];
  /** Of these, what its writer had never had, in no way. */
  readonly unmet: readonly string[];
}

export interface Played {
  readonly versions: readonly Version[];
  readonly evidence: Evidence;
  /** By the id of the version. */
  readonly writes: ReadonlyMap<string, Written>;
  /** Who wrote a text first; null: a person. */
  readonly authors: ReadonlyMap<string, string | null>;
  /** What each version says. */
  readonly says: ReadonlyMap<string, readonly string[]>;
  read(blob: string): Promise<Uint8Array>;
  readonly end: Time;
}

interface Session {
  readonly id: string;
  readonly had: Set<string>;
  /** What it last had as a whole. */
  known: readonly string[] | null;
  copies: (readonly string[])[];
  transcript: string;
  began: Time;
}

export function play({ moves, shape, lineEnd, hasBom, endsInLine, seen, clockOff }: Play): Played {
  const contents = new Map<string, Uint8Array>();
  const versions: Version[] = [];
  const acts: Act[] = [];
  const writes = new Map<string, Written>();
  const says = new Map<string, readonly string[]>();
  const authors = new Map<string, string | null>();
  const sessions = Array.from({ length: 4 }, (_, i) => sessionOf('ABCD'[i]!));
  const everyone = [...sessions];
  let at = noon;
  let disk: readonly string[] | null = ['start of it all', 'second of these'];
  for (const text of disk) authors.set(text, null);

  const textOf = (lines: readonly string[], end = '\n'): string => {
    const text = lines
      .map(line => (shape === 'list' ? `- ${line}\n` : `## ${line}\n\nAbout "${line}" and more.\n\n`))
      .join('')
      .trimEnd();
    return (hasBom ? '\uFEFF' : '') + (text + (endsInLine || text === '' ? '' : '\n')).replaceAll('\n', end);
  };
  const known = (lines: readonly string[]): KnownContent => {
    const bytes = Buffer.from(textOf(lines));
    return { blob: blobOf(bytes), size: bytes.length, tier: 'own record', isValidated: true };
  };
  const stood = (lines: readonly string[] | null, wrote: Time, how: Version['how']): Version => {
    const bytes = lines === null ? null : Buffer.from(textOf(lines, lineEnd));
    const blob = bytes && blobOf(bytes);
    if (bytes) contents.set(blob!, bytes);
    const id = `v${versions.length}`.padEnd(10, 'x');
    const version: Version = {
      id,
      ...place,
      kind: bytes ? 'file' : 'gone',
      at: wrote,
      seenAt: how === 'event' ? wrote + 2 : how === 'scan' ? wrote + 5_000 : wrote,
      blob,
      size: bytes?.length ?? 0,
      mode: bytes ? 0o644 : 0,
      mtime: bytes && how !== 'import' ? wrote : null,
      how,
      settled: true,
      snapshot: null,
    };
    says.set(id, lines ?? []);
    versions.push(version);
    return version;
  };
  stood(disk, noon - 3_600_000, 'scan');

  function sessionOf(id: string): Session {
    return { id, had: new Set(), known: null, copies: [], transcript: '', began: noon - 60_000 };
  }
  const tell = (session: Session, what: unknown, texts: readonly string[]) => {
    session.transcript += `${JSON.stringify({ session: session.id, what })}\n`;
    for (const text of texts) session.had.add(text);
  };
  const act = (session: Session, given: Partial<Act>): void => {
    acts.push({
      id: `t${acts.length}`,
      session: session.id,
      agent: null,
      kind: 'read',
      tool: 'Read',
      ...place,
      asked: at + clockOff - 20,
      at: at + clockOff,
      transcript: `projects/p/${session.id}.jsonl`,
      offset: Buffer.byteLength(session.transcript),
      before: null,
      after: null,
      ...given,
    });
  };
  const put = (by: Session | null, next: readonly string[] | null): void => {
    const how = by === null && seen === 'import' ? 'event' : seen;
    const before = disk ?? [];
    const removed = before.filter(text => !(next ?? []).includes(text));
    const unmet = removed.filter(text => !by?.had.has(text) && authors.get(text) !== by?.id);
    for (const text of next ?? []) if (!authors.has(text)) authors.set(text, by?.id ?? null);
    const isSame = disk !== null && next !== null && textOf(disk) === textOf(next);
    disk = next;
    if (isSame) return;
    const version = stood(next, at - 3, how);
    writes.set(version.id, { version: version.id, by: by?.id ?? null, removed, unmet });
  };
  const fresh = ({ isShort, pick }: Move, i: number): string =>
    isShort && pick % 3 === 0 ? `q${i}` : `${word(i)} ${word(i + 0.25)} ${word(i + 0.5)}`;

  for (const [i, move] of moves.entries()) {
    at += 30_000;
    const { does, pick } = move;
    const session = sessions[move.by % sessions.length]!;
    const chosen = disk === null || disk.length === 0 ? null : disk[pick % disk.length]!;
    const writeWhole = (next: readonly string[], isShell = false): void => {
      const [before, text] = [disk, textOf(next)];
      act(session, {
        kind: isShell ? 'shell' : 'write',
        tool: isShell ? 'Bash' : 'Write',
        ...(isShell ? { shell: 'write' } : {}),
        before: isShell || before === null ? null : known(before),
        ...(before === null && !isShell ? { isNew: true } : {}),
        after: known(next),
      });
      put(session, next);
      tell(session, text, next);
      session.known = next;
      session.copies.push(next);
    };
    if (does === 'read' || does === 'given') {
      if (disk === null) continue;
      act(session, { kind: does, tool: does === 'read' ? 'Read' : 'nested_memory', after: known(disk) });
      tell(session, textOf(disk), disk);
      session.known = disk;
      session.copies.push(disk);
    } else if (does === 'part' || does === 'cat') {
      if (disk === null) continue;
      const some = does === 'cat' ? disk : disk.slice(0, pick % (disk.length + 1));
      if (does === 'part') act(session, { kind: 'part', lines: [] });
      tell(session, textOf(some), some);
    } else if (does === 'told') {
      if (chosen !== null) tell(session, `remember: ${chosen}`, [chosen]);
    } else if (does === 'edit' || does === 'cut') {
      if (disk === null || (does === 'cut' && chosen === null)) continue;
      const text = fresh(move, i);
      const next = does === 'edit' ? [...disk, text] : disk.filter(line => line !== chosen);
      act(session, { kind: 'edit', tool: 'Edit', before: known(disk), after: known(next) });
      const isUpToDate = session.known !== null && textOf(session.known) === textOf(disk);
      tell(session, does === 'edit' ? text : chosen, [does === 'edit' ? text : chosen!]);
      put(session, next);
      if (isUpToDate) session.known = next;
    } else if (does === 'save' || does === 'heredoc') {
      writeWhole([...(session.known ?? []), fresh(move, i)], does === 'heredoc');
    } else if (does === 'tidy') {
      writeWhole([...(session.known ?? []).filter((_, n) => (n + pick) % 3 !== 0), fresh(move, i)]);
    } else if (does === 'undo') {
      const old = session.copies[pick % Math.max(1, session.copies.length)];
      if (old) writeWhole(old);
    } else if (does === 'rm') {
      if (disk === null) continue;
      act(session, { kind: 'shell', tool: 'Bash', shell: 'remove' });
      put(session, null);
      tell(session, 'rm', []);
    } else if (does === 'fork') {
      const fork = { ...sessionOf(`${session.id}${i}`), known: session.known, copies: [...session.copies] };
      fork.transcript = session.transcript;
      for (const text of session.had) fork.had.add(text);
      for (const [n, each] of acts.entries()) {
        const owners = [each.session, ...(each.knownTo ?? []).map(other => other.session)];
        if (!owners.includes(session.id)) continue;
        acts[n] = { ...each, knownTo: [...(each.knownTo ?? []), { session: fork.id, agent: null }] };
      }
      sessions[(move.by + 1 + (pick % 3)) % sessions.length] = fork;
      everyone.push(fork);
    } else if (does === 'type') put(null, [...(disk ?? []), fresh(move, i)]);
    else if (does === 'strike') {
      if (chosen !== null)
        put(
          null,
          disk!.filter(line => line !== chosen),
        );
    } else {
      const old = versions[pick % versions.length]!;
      if (old.kind === 'file') put(null, says.get(old.id)!);
    }
  }

  const facts = (session: Session): SessionFacts => ({
    session: session.id,
    agent: null,
    label: session.id,
    branch: null,
    cwd: null,
    version: null,
    first: session.began + clockOff,
    last: at + clockOff,
    transcript: `projects/p/${session.id}.jsonl`,
  });
  const byId = new Map(everyone.map(session => [session.id, session]));
  const sorted = acts.toSorted((a, b) => a.at - b.at);
  return {
    versions,
    writes,
    authors,
    says,
    end: at,
    read: async blob => contents.get(blob)!,
    evidence: {
      acts: () => sorted,
      paths: () => [place],
      session: ({ session }) => facts(byId.get(session)!),
      sessions: () => everyone.map(facts),
      signature: () => String(acts.length),
      hadText: (act, texts) => textsIn(piecesOf(byId.get(act.session)!.transcript), act.offset, texts),
      wasPrompted: async () => false,
    },
  };
}

async function* piecesOf(text: string): AsyncIterable<Uint8Array> {
  yield Buffer.from(text);
}

function blobOf(bytes: Uint8Array): string {
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}

/** Six letters, like those of no other number. */
function word(n: number): string {
  const bytes = createHash('sha1').update(`word ${n}`).digest();
  return [...bytes.subarray(0, 6)].map(byte => 'abcdefghijklmnopqrstuvwxyz'[byte % 26]).join('');
}

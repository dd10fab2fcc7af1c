/** Going forward over pieces of a transcript: from hit to hit, and only a line that may tell something is parsed. */
import type { RawAct } from '../act.ts';
import { tellingAttachments } from './attachments.ts';
import type { Piece } from './lines.ts';
import type { Near } from './near.ts';
import { parseLine } from './parse.ts';
import { type RecordDeps, type Records, recordsOf } from './records.ts';

/** A call waits for its result for so many bytes; behind them a scan goes on without it. */
export const longestWait = 8 << 20;

interface Needle {
  readonly bytes: Buffer;
  /** The call that waits for it; null for a name. */
  readonly call: string | null;
  readonly number: number;
  next: number;
}

export interface Pass {
  take(piece: Piece & { readonly isRest?: boolean }): void;
  readonly acts: RawAct[];
  readonly records: Records;
  /** Where damaged lines begin. */
  readonly damaged: number[];
}

export function passOf(near: Near, deps: RecordDeps): Pass {
  const acts: RawAct[] = [];
  const damaged: number[] = [];
  const records = recordsOf(deps);
  let needles: Needle[] = near.needles.map((bytes, number) => ({ bytes, call: null, number, next: 0 }));

  const takeLine = (line: Buffer, offset: number, isRest: boolean): void => {
    if (!mayTell(line)) return;
    const { records: found, isDamaged } = parseLine(line.toString());
    if (isDamaged && !isRest) damaged.push(offset);
    for (const record of found) acts.push(...records.take(record, offset));
  };

  return {
    acts,
    records,
    damaged,
    take({ bytes, offset, isRest = false }) {
      for (const needle of needles) needle.next = bytes.indexOf(needle.bytes);
      for (;;) {
        let first: Needle | undefined;
        for (const needle of needles) {
          if (needle.next !== -1 && (first === undefined || needle.next < first.next)) first = needle;
        }
        if (first === undefined) break;
        if (first.call === null && !near.isNear(bytes, first.next, first.number)) {
          first.next = bytes.indexOf(first.bytes, first.next + 1);
          continue;
        }
        const start = bytes.lastIndexOf(10, first.next) + 1;
        const newline = bytes.indexOf(10, first.next);
        const end = newline === -1 ? bytes.length : newline;
        takeLine(bytes.subarray(start, end), offset + start, isRest);
        needles = current(needles, records, offset + end);
        for (const needle of needles)
          if (needle.next < end && needle.next !== -1) needle.next = bytes.indexOf(needle.bytes, end);
      }
    },
  };
}

/** Names, and the ends of the ids that are waited for: seven characters of an id are as good as all of them to find it. */
function current(needles: Needle[], records: Records, offset: number): Needle[] {
  for (const call of [...records.waiting.values()]) if (offset - call.offset > longestWait) records.giveUp(call.id);
  const known = new Set(needles.map(({ call }) => call));
  const fresh = [...records.waiting.keys()].filter(id => !known.has(id));
  if (fresh.length === 0 && known.size - 1 === records.waiting.size) return needles;
  return [
    ...needles.filter(({ call }) => call === null || records.waiting.has(call)),
    ...fresh.map(id => ({
      bytes: Buffer.from(JSON.stringify(id).slice(1, -1)).subarray(-7),
      call: id,
      number: -1,
      next: 0,
    })),
  ];
}

/** The start of a line tells records that hold whole requests, prompts and backups: they name files and say nothing of them. */
function mayTell(line: Buffer): boolean {
  const start = line.toString('latin1', 0, 600);
  if (/^\{"type":"(?:api-request|file-history|last-prompt|queue-operation|summary|prompt|mode)/.test(start))
    return false;
  const attachment = /"attachment":\{"type":"([\w-]+)"/.exec(start)?.[1];
  return attachment === undefined || tellingAttachments.has(attachment) || start.indexOf('"message":') !== -1;
}

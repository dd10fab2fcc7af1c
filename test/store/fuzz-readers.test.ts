/** Each reader of the store on its own, fed with what no writer of ours writes: an error or a clean "no", nothing else. */
import { createHash } from 'node:crypto';
import { closeSync, ftruncateSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { Version } from '../../src/model.ts';
import { objectName } from '../../src/store/blob-name.ts';
import { decodeCommit, encodeCommit } from '../../src/store/commit.ts';
import { encodeHeader, encodeLine, encodeObject, readHeader, readRecords } from '../../src/store/journal/journal.ts';
import { isLock, lockHolder, tryLock } from '../../src/store/lock.ts';
import { loosePath, readLoose } from '../../src/store/loose.ts';
import { applyDelta, makeDelta } from '../../src/store/pack/delta.ts';
import { encodePackIndex, PackIndex } from '../../src/store/pack/pack-index.ts';
import { Pack } from '../../src/store/pack/pack-read.ts';
import { listHeads } from '../../src/store/refs.ts';
import { layoutOf } from '../../src/store/repository.ts';
import { segmentsOf } from '../../src/store/segments.ts';
import { decodeTree, encodeTree } from '../../src/store/tree.ts';
import {
  formatNote,
  formatVersion,
  isNoteLine,
  parseNote,
  parseVersion,
  readVersion,
} from '../../src/store/version-line.ts';

const home = mkdtempSync(join(tmpdir(), 'undertext-fuzz-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));
let folder: string;
let count = 0;
beforeEach(() => {
  folder = join(home, String(count++));
  mkdirSync(folder);
});

const bytes = (max: number) => fc.uint8Array({ maxLength: max }).map(array => Buffer.from(array));

/** What a reader may do with nonsense. */
function answerOrError<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
    // These two would be ours, not the file's.
    expect(error).not.toBeInstanceOf(TypeError);
    expect(String(error)).not.toContain('call stack');
    return null;
  }
}

/** A few bytes of a buffer become others, or go, or come. */
const harm = fc
  .record({ at: fc.double({ min: 0, max: 1, noNaN: true }), drop: fc.nat(40), put: bytes(40), cut: fc.boolean() })
  .map(({ at, drop, put, cut }) => (whole: Buffer): Buffer => {
    const start = Math.floor(at * whole.length);
    return cut
      ? whole.subarray(0, start)
      : Buffer.concat([whole.subarray(0, start), put, whole.subarray(start + drop)]);
  });

/** A number as deltas and entries of packs write it. */
function varint(value: number): number[] {
  const out: number[] = [];
  for (; value >= 128; value = Math.floor(value / 128)) out.push((value % 128) | 0x80);
  return [...out, value];
}

describe('a delta', () => {
  it('that we made makes what it was made of', () => {
    fc.assert(
      fc.property(bytes(300), bytes(40), bytes(300), (front, middle, back) => {
        const base = Buffer.concat([front, back]);
        const target = Buffer.concat([front, middle, back]);
        const delta = makeDelta(base, target);
        if (delta) expect(applyDelta(base, delta).equals(target)).toBe(true);
      }),
    );
  });

  it('of any bytes is an error, or makes as much as it says', () => {
    fc.assert(
      fc.property(bytes(100), bytes(60), (base, rest) => {
        const delta = Buffer.concat([Buffer.from(varint(base.length)), rest]);
        const made = answerOrError(() => applyDelta(base, delta));
        if (made) expect(made.length).toBeLessThan(2 ** 21);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['claims terabytes', [...varint(4), ...varint(2 ** 40), 0x90, 4], /more than git|no size/],
    ['claims more than it makes', [...varint(4), ...varint(2 ** 28), 0x90, 4], /makes too little/],
    ['copies the same again and again', [...varint(4), ...varint(3), 0x90, 4, 0x90, 4], /makes too much/],
    ['has a size that never ends', [...varint(4), ...Array<number>(64).fill(0xff)], /no size/],
    ['copies from behind the end', [...varint(4), ...varint(4), 0x91, 2, 4], /behind the end/],
    ['has an instruction nobody knows', [...varint(4), ...varint(4), 0], /unknown instruction/],
    ['ends in an instruction', [...varint(4), ...varint(4), 0xff, 1], /ends early/],
    ['is of another base', [...varint(5), ...varint(4), 0x90, 4], /another base/],
    ['is empty', [], /no size/],
  ])('that %s is refused', (_, delta, why) => {
    expect(() => applyDelta(Buffer.from('base'), Buffer.from(delta))).toThrow(why);
  });

  it('that makes gigabytes out of a few bytes is refused before anything is made', () => {
    const base = Buffer.alloc(0xffffff, 1);
    const copy = [0xf0, 0xff, 0xff, 0xff];
    const delta = Buffer.from([
      ...varint(base.length),
      ...varint(base.length * 100),
      ...Array<number[]>(100).fill(copy).flat(),
    ]);
    const before = process.memoryUsage().arrayBuffers;
    expect(() => applyDelta(base, delta)).toThrow(/more than git/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(base.length);
  });
});

const names = Array.from({ length: 40 }, (_, i) => createHash('sha1').update(`n${i}`).digest());
const index = encodePackIndex(
  names.map((name, i) => ({ name, offset: i % 5 === 0 ? 2 ** 31 + i * 2 ** 33 : 12 + i * 50, crc: i })),
  Buffer.alloc(20, 7),
);

describe('an index of a pack', () => {
  it('finds every object, also behind 2 and 4 GB', () => {
    const read = new PackIndex(index);
    expect(names.map(name => read.find(name))).toEqual(
      names.map((_, i) => (i % 5 === 0 ? 2 ** 31 + i * 2 ** 33 : 12 + i * 50)),
    );
  });

  it('that was harmed is refused, or answers every question', () => {
    fc.assert(
      fc.property(harm, change => {
        const read = answerOrError(() => new PackIndex(change(index)));
        if (!read) return;
        for (const name of names) expect(read.find(name)).toBeGreaterThanOrEqual(-1);
        for (let i = 0; i < read.count; i++) {
          expect(read.name(i)).toMatch(/^[0-9a-f]{40}$/);
          expect(read.offset(i)).toBeGreaterThanOrEqual(0);
          read.crc(i);
        }
        read.isWhole();
      }),
      { numRuns: 400 },
    );
  });

  it.each([
    ['counts backwards', (whole: Buffer) => whole.writeUInt32BE(41, 8 + 10 * 4)],
    ['claims 4 billion objects', (whole: Buffer) => whole.fill(0xff, 8 + 255 * 4, 8 + 256 * 4)],
    ['is of another version', (whole: Buffer) => whole.writeUInt32BE(3, 4)],
  ])('that %s is refused', (_, change) => {
    const harmed = Buffer.from(index);
    change(harmed);
    expect(() => new PackIndex(harmed)).toThrow();
  });

  it('that names a wide offset it does not have leads behind every pack', () => {
    const harmed = Buffer.from(index);
    const at = 8 + 1024 + 40 * 24;
    for (let i = 0; i < 40; i++) harmed.writeUInt32BE(0xffffffff, at + i * 4);
    const read = new PackIndex(harmed);
    expect(read.find(names[3]!)).toBe(Number.MAX_SAFE_INTEGER);
  });

  it('whose file is gigabytes long takes no memory when its head says otherwise', () => {
    const path = join(folder, 'pack-x.idx');
    writeFileSync(path, index);
    const fd = openSync(path, 'r+');
    ftruncateSync(fd, 1.5 * 2 ** 30);
    closeSync(fd);
    expect(() => PackIndex.read(path)).toThrow(/another length/);
  });
});

interface Entry {
  readonly offset: number;
  readonly bytes: Buffer;
}

/** A pack with these entries where they are said to stand, and an index that knows all of them. */
function writePack(entries: readonly Entry[], size?: number): Pack {
  const path = join(folder, `pack-${count++}`);
  const fd = openSync(`${path}.pack`, 'w');
  writeSync(fd, Buffer.from('PACK\0\0\0\u0002\0\0\0\u0001', 'latin1'), 0, 12, 0);
  for (const { offset, bytes } of entries) writeSync(fd, bytes, 0, bytes.length, offset);
  const end = size ?? Math.max(...entries.map(({ offset, bytes }) => offset + bytes.length));
  ftruncateSync(fd, end + 20);
  closeSync(fd);
  const rows = entries.map(({ offset }, i) => ({ name: names[i]!, offset, crc: 0 }));
  writeFileSync(`${path}.idx`, encodePackIndex(rows, Buffer.alloc(20)));
  return new Pack(path);
}

function entryHead(type: number, size: number): number[] {
  const out = [(type << 4) | (size & 15)];
  const rest = Math.floor(size / 16);
  if (rest === 0) return out;
  out[0]! |= 0x80;
  return [...out, ...varint(rest)];
}

const entry = (offset: number, type: number, size: number, base: readonly number[], data: Uint8Array): Entry => ({
  offset,
  bytes: Buffer.concat([Buffer.from([...entryHead(type, size), ...base]), data]),
});

const nothing = (): never => {
  throw new Error('there is no such base');
};

describe('an entry of a pack', () => {
  const text = Buffer.from('text\n'.repeat(1000));
  const whole = entry(12, 3, text.length, [], deflateSync(text));

  it('is read, a long one too, and one that does not deflate', () => {
    const noise = createHash('shake256', { outputLength: 600_000 }).update('noise').digest();
    const pack = writePack([whole, entry(1000, 3, noise.length, [], deflateSync(noise))]);
    expect(pack.read(12, nothing).content.equals(text)).toBe(true);
    expect(pack.read(1000, nothing).content.equals(noise)).toBe(true);
    pack.close();
  });

  it.each([
    ['claims 2^40 bytes', entry(12, 3, 2 ** 40, [], deflateSync(text)), /claims 1099511627776 bytes/],
    ['claims 4 GB', entry(12, 3, 2 ** 32 - 2, [], deflateSync(text)), /another length/],
    ['claims too little', entry(12, 3, 10, [], deflateSync(text)), /./],
    ['has a size that never ends', { offset: 12, bytes: Buffer.alloc(60, 0xff) }, /./],
    ['is of no type', entry(12, 5, text.length, [], deflateSync(text)), /unknown type 5/],
    ['is a delta of itself', entry(12, 6, 5, [0], deflateSync(Buffer.alloc(5))), /delta of nothing/],
    ['is a delta of what stands before the pack', entry(12, 6, 5, [0xff, 0xff, 0x7f], deflateSync(text)), /./],
    ['is cut in its head', { offset: 12, bytes: Buffer.from([0xb0]) }, /./],
    ['is cut in the name of its base', { offset: 12, bytes: Buffer.from([0x75, 1, 2, 3]) }, /./],
    ['is no stream', entry(12, 3, 5, [], Buffer.from('hello')), /./],
  ] as const)('that %s is an error', (_, bad, why) => {
    const pack = writePack([bad]);
    expect(() => pack.read(12, nothing)).toThrow(why);
    pack.close();
  });

  it('that stands nowhere is an error', () => {
    const pack = writePack([whole]);
    for (const offset of [0, 11, pack.size - 20, pack.size, 2 ** 40, Number.MAX_SAFE_INTEGER]) {
      expect(() => pack.read(offset, nothing)).toThrow(/not in the pack/);
    }
    pack.close();
  });

  it('in a long chain of deltas is read, and in an endless one is an error', () => {
    const chain = (length: number): Pack => {
      const entries: Entry[] = [entry(12, 3, 4, [], deflateSync(Buffer.from('base')))];
      const delta = deflateSync(Buffer.from([...varint(4), ...varint(4), 0x90, 4]));
      for (let i = 0; i < length; i++) {
        const { offset, bytes } = entries.at(-1)!;
        entries.push(entry(offset + bytes.length, 6, 4, [bytes.length], delta));
      }
      const path = join(folder, `pack-chain${length}`);
      writeFileSync(`${path}.pack`, Buffer.concat([Buffer.alloc(12), ...entries.map(e => e.bytes), Buffer.alloc(20)]));
      const last = { name: names[0]!, offset: entries.at(-1)!.offset, crc: 0 };
      writeFileSync(`${path}.idx`, encodePackIndex([last], Buffer.alloc(20)));
      return new Pack(path);
    };
    for (const [length, isRead] of [
      [4000, true],
      [5000, false],
    ] as const) {
      const pack = chain(length);
      const read = () => pack.read(pack.index.offset(0), nothing).content.toString();
      if (isRead) expect(read()).toBe('base');
      else expect(read).toThrow(/never end/);
      pack.close();
    }
  });

  it('of any bytes is an error or some content', () => {
    fc.assert(
      fc.property(harm, change => {
        const pack = writePack([{ offset: 12, bytes: Buffer.concat([change(whole.bytes), Buffer.alloc(1)]) }]);
        answerOrError(() => pack.read(12, nothing));
        pack.close();
      }),
      { numRuns: 200 },
    );
  });

  it('behind 2.3 GB is read as fast and with as little memory as any', () => {
    const far = 2_400_000_000;
    const pack = writePack([whole, { ...whole, offset: far }]);
    const before = process.memoryUsage().arrayBuffers;
    expect(pack.index.find(names[1]!)).toBe(far);
    expect(pack.read(far, nothing).content.equals(text)).toBe(true);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 << 20);
    pack.close();
  });
});

describe('a loose object', () => {
  const content = Buffer.from('text\n');
  const name = objectName('blob', content);
  const write = (file: Uint8Array): void => {
    mkdirSync(dirname(loosePath(folder, name)), { recursive: true });
    writeFileSync(loosePath(folder, name), file);
  };
  const loose = (head: string, body: Uint8Array = content) => deflateSync(Buffer.concat([Buffer.from(head), body]));

  it('is read, and one that was harmed is an error or other bytes than its name says', () => {
    write(loose('blob 5\0'));
    expect(readLoose(folder, name)).toEqual({ type: 'blob', content });
    fc.assert(
      fc.property(harm, change => {
        write(change(loose('blob 5\0')));
        answerOrError(() => readLoose(folder, name));
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    ['claims more than it has', loose('blob 50\0')],
    ['claims terabytes', loose('blob 999999999999\0')],
    ['claims less than it has', loose('blob 4\0')],
    ['is a bomb', loose('blob 5\0', Buffer.alloc(64 << 20))],
    ['has a size that is none', loose('blob 0x5\0')],
    ['is of no type', loose('blub 5\0')],
    ['has no head', loose('')],
    ['is empty', Buffer.alloc(0)],
  ])('that %s is an error', (_, file) => {
    write(file);
    expect(() => readLoose(folder, name)).toThrow();
  });
});

describe('a journal', () => {
  const header = encodeHeader({ pid: 1, start: 's', host: 'h' });
  const lines = ['one\ttwo', '!note', 'three'.repeat(100)];
  const blob = deflateSync(Buffer.from('blob'));
  const records = Buffer.concat([
    ...encodeLine(lines[0]!),
    ...encodeObject('blob', 'ab'.repeat(20), 4, blob),
    ...encodeLine(lines[1]!),
    ...encodeLine(lines[2]!),
  ]);

  function read(file: Buffer, size = file.length) {
    const path = join(folder, 'x.journal');
    writeFileSync(path, file);
    const fd = openSync(path, 'r+');
    ftruncateSync(fd, size);
    try {
      const start = readHeader(fd);
      return start && { ...start, ...readRecords(fd, start.end, size) };
    } finally {
      closeSync(fd);
    }
  }

  it('that was harmed gives what stood before the harm, and nothing that nobody wrote', () => {
    fc.assert(
      fc.property(harm, change => {
        const part = read(Buffer.concat([header, change(records)]))!;
        // A harm may take away whole records; those that follow are as they were.
        expect(lines.filter(line => part.lines.includes(line))).toEqual(part.lines);
        for (const { name, size, length } of part.objects) {
          expect({ name, size, length }).toEqual({ name: 'ab'.repeat(20), size: 4, length: blob.length });
        }
        expect(part.end + part.torn).toBeLessThanOrEqual(header.length + records.length + 40);
      }),
      { numRuns: 400 },
    );
  });

  it('with any header is read or none', () => {
    const json = fc.oneof(fc.json(), fc.string(), fc.constant('{"pid":"x","start":1}'), fc.constant('{}'));
    fc.assert(
      fc.property(json, fc.nat(99), (text, format) => {
        const part = read(Buffer.concat([Buffer.from(`undertext journal ${format} ${text}\n`), records]));
        if (part) expect(part.header.pid).toBeGreaterThan(0);
      }),
    );
    fc.assert(
      fc.property(bytes(200), start => {
        expect(read(start)?.lines ?? []).toEqual([]);
      }),
    );
  });

  it.each(['L', 'B'])('whose record %s claims 4 GB of a file that has them takes no memory', type => {
    const head = Buffer.alloc(9);
    head.write(type, 0, 'latin1');
    head.writeUInt32BE(0xfffffff0, 1);
    // Summing up 4 GB is honest work for a blob, so this one claims less.
    if (type === 'B') head.writeUInt32BE(100_000_000, 1);
    const before = process.memoryUsage().arrayBuffers;
    const part = read(Buffer.concat([header, records, head]), 2 ** 32 + 1000)!;
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 << 20);
    expect(part.lines).toEqual(lines);
    expect(part.torn).toBeGreaterThan(2 ** 31);
  });

  it('with a blob that is too short to be one stops there', () => {
    const [record] = encodeLine('short') as [Uint8Array];
    const other = Buffer.from(record);
    other.write('B', 0);
    const part = read(Buffer.concat([header, records, other]))!;
    expect(part.lines).toEqual(lines);
  });
});

const text = fc.string({ unit: 'binary', maxLength: 40 });
const odd = fc.oneof(
  text,
  fc.constantFrom('\n', '\t', '\r', '\u2028', '\u2029', '\udc80', '\\u0041', '\0', '', '-', 'Version: x', '!'),
);
const moment = fc.oneof(fc.nat(), fc.double({ min: 0, max: 2e12, noNaN: true }));

const version: fc.Arbitrary<Version> = fc.record({
  id: fc.stringMatching(/^[a-km-np-z2-9]{10}$/),
  root: odd,
  path: fc.array(odd, { minLength: 1, maxLength: 4 }).map(parts => parts.join('/')),
  kind: fc.constantFrom('file', 'link', 'withheld', 'gone'),
  at: moment,
  seenAt: moment,
  blob: fc.option(fc.stringMatching(/^[0-9a-f]{40}$/)),
  size: fc.nat(),
  mode: fc.nat(0o7777),
  mtime: fc.option(moment),
  how: fc.constantFrom('event', 'scan', 'restore', 'import'),
  settled: fc.boolean(),
  snapshot: fc.constant(null),
});

describe('a line', () => {
  it('of a version says all of it, through a commit too, whatever its names hold', () => {
    fc.assert(
      fc.property(fc.array(version, { maxLength: 5 }), versions => {
        const lines = versions.map(formatVersion);
        for (const line of lines) expect(line).not.toMatch(/[\n\r]/);
        expect(lines.map(line => parseVersion(line, null))).toEqual(versions);
        const commit = { tree: 'a'.repeat(40), parent: null, continues: null, lines };
        const bytes = encodeCommit(commit, 'subject', 'here', 1);
        expect(decodeCommit(Buffer.from(bytes)).lines.map(line => readVersion(line, null))).toEqual(versions);
      }),
      { numRuns: 300 },
    );
  });

  it('of a note says all of it, through a commit too', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{10}$/), fc.jsonValue(), moment, (id, data, at) => {
        const line = formatNote({ id, note: { kind: 'gap', at, data } });
        expect(isNoteLine(line)).toBe(true);
        const commit = { tree: 'a'.repeat(40), parent: null, continues: null, lines: [line] };
        const [again] = decodeCommit(encodeCommit(commit, 's', 'here', 1)).lines;
        expect(parseNote(again!)).toEqual({ id, note: { kind: 'gap', at, data: JSON.parse(JSON.stringify(data)) } });
      }),
    );
  });

  it('of anything is no version, or one whose fields are what they should be', () => {
    const field = fc.oneof(
      fc.constantFrom('file', 'event', '1', '0', '-', '644', '../../etc/passwd', 'NaN', '1e999', '../'.repeat(20)),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(field, { maxLength: 15 }), fields => {
        const made = readVersion(fields.join('\t'), null);
        if (!made) return;
        expect(made.blob === null || /^[0-9a-f]{40}$/.test(made.blob)).toBe(true);
        for (const value of [made.at, made.seenAt, made.size, made.mode, made.mtime ?? 0]) {
          expect(Number.isFinite(value)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('a tree and a commit', () => {
  it('of any bytes are an error or some entries', () => {
    const tree = encodeTree(
      new Map([
        ['a', { mode: '100644', oid: 'ab'.repeat(20) }],
        ['b', { mode: '40000', oid: 'cd'.repeat(20) }],
      ]),
    );
    expect(decodeTree(tree).size).toBe(2);
    fc.assert(
      fc.property(harm, bytes(100), (change, any) => {
        for (const content of [change(tree), any]) answerOrError(() => decodeTree(content));
        decodeCommit(any);
        decodeCommit(
          change(Buffer.from(`tree ${'a'.repeat(40)}\nparent ${'b'.repeat(40)}\n\nsubject\n\nVersion: x\n`)),
        );
      }),
      { numRuns: 300 },
    );
  });
});

describe('refs and locks', () => {
  it('of any content are heads or none', () => {
    const layout = layoutOf(folder);
    mkdirSync(join(layout.heads, 'here'), { recursive: true });
    const sha = 'ab'.repeat(20);
    const line = fc.oneof(fc.string(), fc.constant(`${sha} refs/heads/other/2026-01`), fc.constant(`^${sha}`));
    fc.assert(
      fc.property(fc.array(line), fc.oneof(bytes(60), fc.constant(Buffer.from(`${sha}\n`))), (packed, ref) => {
        writeFileSync(join(folder, 'packed-refs'), packed.join('\n'));
        writeFileSync(join(layout.heads, 'here', '2026-02'), ref);
        for (const { ref: name, commit } of listHeads(layout)) {
          expect(name).toMatch(/^refs\/heads\//);
          expect(commit).toMatch(/^[0-9a-f]{40}$/);
        }
      }),
    );
  });

  it('a lock of any content is somebody, or is healed when it is old enough, and never stops us with an error', () => {
    const path = join(folder, 'lock');
    const holder = fc.record(
      {
        pid: fc.oneof(fc.integer(), fc.string(), fc.constant(null)),
        start: fc.oneof(fc.string(), fc.nat()),
        host: fc.oneof(fc.string(), fc.constant(null)),
        since: fc.oneof(fc.double(), fc.string()),
        token: fc.string(),
        about: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    const content = fc.oneof(
      bytes(100),
      fc.json().map(Buffer.from),
      holder.map(who => Buffer.from(JSON.stringify(who))),
    );
    fc.assert(
      fc.property(content, file => {
        writeFileSync(path, file);
        const known = lockHolder(path, 60_000);
        if (known) expect(Number.isFinite(known.since) && known.pid > 0 && typeof known.host === 'string').toBe(true);
        const answer = tryLock({ path, about: null, now: 1, foreignMaxAge: 60_000, said: () => {} });
        if (isLock(answer)) answer.release();
        rmSync(path, { force: true });
      }),
      { numRuns: 150 },
    );
  });

  it('a lock of gigabytes is nobody', () => {
    const path = join(folder, 'lock');
    const fd = openSync(path, 'w');
    ftruncateSync(fd, 3 * 2 ** 30);
    closeSync(fd);
    expect(lockHolder(path, 60_000)).toBe(null);
  });
});

describe('a tree of segments', () => {
  const oid = 'ab'.repeat(20);
  const tree = (...entries: readonly (readonly [offset: number, mode: '100644' | '40000', oid: string])[]) =>
    new Map(entries.map(([offset, mode, name]) => [offset.toString(16).padStart(12, '0'), { mode, oid: name }]));

  it('gives its pieces in their order', () => {
    const trees = new Map([
      ['root', tree([0, '40000', 'left'], [2, '40000', 'right'])],
      ['left', tree([0, '100644', oid], [1, '100644', oid])],
      ['right', tree([2, '100644', oid])],
    ]);
    expect([...segmentsOf('root', name => trees.get(name)!)].map(({ offset }) => offset)).toEqual([0, 1, 2]);
  });

  it.each([
    ['names one tree again and again', (name: string) => (name === 'leaf' ? tree([0, '100644', oid]) : bomb(name))],
    ['has no piece at its bottom', (name: string) => (name === 'leaf' ? tree() : bomb(name))],
    ['is deeper than any', () => tree([0, '40000', 'x'])],
    ['begins elsewhere', () => tree([7, '100644', oid])],
    ['goes back', () => tree([0, '100644', oid], [9, '100644', oid], [3, '100644', oid])],
  ])('that %s is an error at once', (_, load) => {
    expect(() => [...segmentsOf('4', load)]).toThrow('none of segments');
  });

  /** Four levels of 32 entries each, all of them the same: a million pieces out of one. */
  function bomb(name: string) {
    const below = Number(name) > 1 ? String(Number(name) - 1) : 'leaf';
    return tree(...Array.from({ length: 32 }, (_, i) => [i, '40000', below] as const));
  }
});

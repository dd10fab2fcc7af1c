/**
 * Deltas between neighbours: what they have in common in front and behind is copied, the middle is inserted.
 * The format is git's (Documentation/gitformat-pack, "Deltified representation").
 */

/** Bytes that `a` and `b` have in common in front. */
function commonPrefix(a: Uint8Array, b: Uint8Array): number {
  const end = Math.min(a.length, b.length);
  let at = 0;
  for (const step of [65536, 512]) {
    while (at + step <= end && Buffer.compare(a.subarray(at, at + step), b.subarray(at, at + step)) === 0) at += step;
  }
  while (at < end && a[at] === b[at]) at++;
  return at;
}

function commonSuffix(a: Uint8Array, b: Uint8Array, max: number): number {
  const same = (length: number, step: number): boolean =>
    Buffer.compare(
      a.subarray(a.length - length - step, a.length - length),
      b.subarray(b.length - length - step, b.length - length),
    ) === 0;
  let length = 0;
  for (const step of [65536, 512]) while (length + step <= max && same(length, step)) length += step;
  while (length < max && a[a.length - length - 1] === b[b.length - length - 1]) length++;
  return length;
}

/** The delta that makes `target` out of `base`; null when they have too little in common to be worth it. */
export function makeDelta(base: Uint8Array, target: Uint8Array): Buffer | null {
  const prefix = commonPrefix(base, target);
  const suffix = commonSuffix(base, target, Math.min(base.length, target.length) - prefix);
  if ((prefix + suffix) * 2 < target.length || prefix + suffix < 32) return null;
  const out: Uint8Array[] = [size(base.length), size(target.length)];
  pushCopy(out, 0, prefix);
  const middle = target.subarray(prefix, target.length - suffix);
  for (let at = 0; at < middle.length; at += 127) {
    const piece = middle.subarray(at, at + 127);
    out.push(Uint8Array.of(piece.length), piece);
  }
  pushCopy(out, base.length - suffix, suffix);
  return Buffer.concat(out);
}

function size(value: number): Uint8Array {
  const bytes: number[] = [];
  for (; value >= 0x80; value = Math.floor(value / 128)) bytes.push((value % 128) | 0x80);
  return Uint8Array.of(...bytes, value);
}

function pushCopy(out: Uint8Array[], offset: number, length: number): void {
  while (length > 0) {
    const some = Math.min(length, 0xffff);
    const bytes = [0x80];
    for (let i = 0; i < 4; i++) {
      const byte = Math.floor(offset / 256 ** i) % 256;
      if (byte === 0) continue;
      bytes[0]! |= 1 << i;
      bytes.push(byte);
    }
    for (let i = 0; i < 2; i++) {
      const byte = (some >> (8 * i)) & 0xff;
      if (byte === 0) continue;
      bytes[0]! |= 0x10 << i;
      bytes.push(byte);
    }
    out.push(Uint8Array.from(bytes));
    offset += some;
    length -= some;
  }
}

/** Git makes no deltas of bigger contents (git-config, `core.bigFileThreshold`): one that claims more is damage. */
const biggestTarget = 512 << 20;

/**
 * Nothing is allocated before the whole delta was looked through: a few bytes can claim terabytes.
 * @throws Error when the delta is no delta of `base`
 */
export function applyDelta(base: Uint8Array, delta: Uint8Array): Buffer {
  let at = 0;
  const readSize = (): number => {
    let value = 0;
    for (let factor = 1; at < delta.length && value <= biggestTarget; factor *= 128) {
      const byte = delta[at++]!;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    throw new Error('the delta has no size that can be');
  };
  if (readSize() !== base.length) throw new Error('the delta belongs to another base');
  const length = readSize();
  if (length > biggestTarget) throw new Error('the delta makes more than git would');
  let made = 0;
  for (const piece of pieces(base, delta, at)) made += piece.length;
  if (made !== length) throw new Error(`the delta makes too ${made > length ? 'much' : 'little'}`);
  const target = Buffer.allocUnsafe(length);
  let filled = 0;
  for (const piece of pieces(base, delta, at)) {
    target.set(piece, filled);
    filled += piece.length;
  }
  return target;
}

/** What the instructions from `at` on copy and insert, piece by piece. */
function* pieces(base: Uint8Array, delta: Uint8Array, at: number): Iterable<Uint8Array> {
  const next = (): number => {
    if (at >= delta.length) throw new Error('the delta ends early');
    return delta[at++]!;
  };
  while (at < delta.length) {
    const op = next();
    if (op === 0) throw new Error('the delta has an unknown instruction');
    if (op < 0x80) {
      if (at + op > delta.length) throw new Error('the delta ends early');
      yield delta.subarray(at, at + op);
      at += op;
      continue;
    }
    let offset = 0;
    let length = 0;
    for (let i = 0; i < 4; i++) if (op & (1 << i)) offset += next() * 256 ** i;
    for (let i = 0; i < 3; i++) if (op & (0x10 << i)) length += next() * 256 ** i;
    const end = offset + (length || 0x10000);
    if (end > base.length) throw new Error('the delta copies from behind the end');
    yield base.subarray(offset, end);
  }
}

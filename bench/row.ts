/** One line of the bench: our figure beside a peer's of the same run. */
export interface Row {
  readonly name: string;
  readonly ours: number;
  /** Null where there is no peer and the target is a plain number. */
  readonly peer: number | null;
  readonly unit: string;
  readonly peerName: string;
  /** Empty where the figure is only told. */
  readonly target: string;
  /** Null where it could not be measured here. */
  readonly met: boolean | null;
}

/** A figure without a peer, and without a target unless one is added. */
export function plain(name: string, ours: number, unit: string): Row {
  return { name, ours, peer: null, unit, peerName: '', target: '', met: null };
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

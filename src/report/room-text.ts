/** How much room the store takes and leaves, and what to say when it is too much or too little. */
import { bytes } from './sizes.ts';

export interface RoomReport {
  readonly bytes: number;
  /** Of `bytes`: held only by the trash. */
  readonly trash: number;
  readonly free: number;
  readonly cap: number;
  readonly minFree: number;
}

export interface Warning {
  /** `cap`: the store takes more than it may. `room`: so little is free on its disk that nothing is recorded. */
  readonly code: 'cap' | 'room';
  readonly message: string;
  readonly hint: string;
}

export function roomWarnings({ bytes: size, trash, free, cap, minFree }: RoomReport): readonly Warning[] {
  const warnings: Warning[] = [];
  if (size > cap) {
    const part = trash > 0 ? `, of which ${bytes(trash)} are trash` : '';
    warnings.push({
      code: 'cap',
      message: `the store takes ${bytes(size)}${part}, more than its cap of ${bytes(cap)}: logs are not kept until it is smaller`,
      hint: '`undertext prune` makes room; keep.cap in the configuration raises the cap',
    });
  }
  if (free < minFree) {
    warnings.push({
      code: 'room',
      message: `only ${bytes(free)} are free on the disk of the store: nothing is recorded below ${bytes(minFree)}`,
      hint: 'make room on that disk; recording goes on by itself then',
    });
  }
  return warnings;
}

/** `1.2 GB of 5.0 GB, of which 41 MB are trash; 80 GB are free` */
export function roomInWords({ bytes: size, trash, free, cap }: RoomReport): string {
  const part = trash > 0 ? `, of which ${bytes(trash)} are trash` : '';
  return `${bytes(size)} of at most ${bytes(cap)}${part}; ${bytes(free)} are free on its disk`;
}

export function plainRoom({ bytes, trash, free, cap }: RoomReport) {
  return { bytes, trash, free, cap };
}

/** What the parts of a repair are given. */
import type { Note, Time } from '../../model.ts';
import type { Disk } from '../disk.ts';
import type { Catalogue } from '../index/catalogue.ts';
import type { Journals } from '../journal/journals.ts';
import type { Objects } from '../objects.ts';
import type { Layout } from '../repository.ts';

export interface RepairDeps {
  readonly path: string;
  readonly layout: Layout;
  readonly disk: Disk;
  readonly objects: Objects;
  readonly journals: Journals;
  /** As it is now: it is another one after `readAgain`. */
  catalogue(): Catalogue;
  /** Takes the history in again; commits that could not be read may be there now. */
  readAgain(): Promise<void>;
  now(): Time;
  newToken(): string;
  holdsLock(): boolean;
  /** @throws Error when somebody took the lock for dead and took it away */
  mustHoldLock(): void;
  /** Makes lines durable in our journal, and known. */
  appendLines(lines: readonly string[]): Promise<void>;
  addNotes(notes: readonly Note[]): Promise<void>;
  onProgress?(done: number, of: number): void;
}

/** What was done, as it is done. */
export interface RepairLog {
  readonly rebuilt: string[];
  readonly setAside: string[];
}

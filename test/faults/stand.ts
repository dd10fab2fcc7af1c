/** An operation with all it starts from, as often as it is wanted. */
import { cpSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type Ended, Place } from '../helpers/program.ts';
import { type Point, pointsOf, recorder } from './broken-program.ts';
import type { Operation } from './operations.ts';
import { type Announced, everyVersion, homeOf, sumOf } from './soundness.ts';

const copy = { recursive: true, preserveTimestamps: true };
/** Beside home and store: they as they were, and what the preload wrote. */
export const aside = ['kept-home', 'kept-store', 'faults.log'];

export class Stand {
  readonly place = new Place();
  readonly operation: Operation;
  args: readonly string[] = [];
  /** What was announced before it begins. */
  before: readonly Announced[] = [];
  #home: Readonly<Record<string, string>> = {};

  private constructor(operation: Operation) {
    this.operation = operation;
  }

  static async make(operation: Operation): Promise<Stand> {
    const stand = new Stand(operation);
    const { place } = stand;
    stand.args = await operation.prepare(place);
    stand.before = await everyVersion(place.store);
    stand.#home = homeOf(place.home);
    cpSync(place.home, join(place.folder, 'kept-home'), copy);
    if (existsSync(place.store)) cpSync(place.store, join(place.folder, 'kept-store'), copy);
    return stand;
  }

  reset(): void {
    const { store, home, folder } = this.place;
    rmSync(join(folder, 'faults.log'), { force: true });
    rmSync(store, { recursive: true, force: true });
    rmSync(home, { recursive: true, force: true });
    cpSync(join(folder, 'kept-home'), home, copy);
    if (existsSync(join(folder, 'kept-store'))) cpSync(join(folder, 'kept-store'), store, copy);
  }

  async points(): Promise<readonly Point[]> {
    this.reset();
    return pointsOf(this.place, this.args);
  }

  /** The recorder says each version as it goes, a command all at its end. */
  get saysAsItGoes(): boolean {
    return this.args[0] === recorder;
  }

  isGood({ code }: Pick<Ended, 'code'>): boolean {
    return (this.operation.ends ?? [0]).includes(code ?? -1);
  }

  /** What was announced by a run that said `out`; `isDone`: it ended well. */
  async announced(out: string, isDone: boolean, where: { store: string; home: string } = this.place) {
    const { announces } = this.operation;
    const said = announces && (isDone || this.saysAsItGoes) ? await announces(where, out) : [];
    const { takesAway } = this.operation;
    return [...this.before.filter(each => !takesAway?.(each)), ...said];
  }

  /** Each file is what it was; the target what it was or what it shall be, and nothing in between. */
  expectHome(when: 'done' | 'either', err = '', folder = this.place.home): void {
    const { target } = this.operation;
    const home = { ...homeOf(folder) };
    const before = { ...this.#home };
    if (target) {
      const allowed = (when === 'done' ? [target.after] : [target.before, target.after]).map(text =>
        text === null ? undefined : sumOf(Buffer.from(text)),
      );
      expect(allowed, `content of ${target.path}`).toContain(home[target.path]);
      if (/the file is as it was|nothing was written/.test(err)) {
        expect(home[target.path], 'it says that the file is as it was').toBe(before[target.path]);
      }
      delete home[target.path];
      delete before[target.path];
    }
    // A kill leaves temporary files beside the target; a later restore of it takes them away.
    for (const name of temporaryFiles(folder)) delete home[name];
    expect(home).toEqual(before);
  }
}

export function temporaryFiles(home: string): readonly string[] {
  return Object.keys(homeOf(home)).filter(name => /\.undertext-[0-9a-f]+\.tmp$/.test(name));
}

/**
 * The power goes at any moment of an operation, also of one that another process was killed in before: what was announced
 * until then is in the store that is opened afterwards, and what a restore has said it did stands in the home.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openGitStore } from '../../src/store/git-store.ts';
import { seen } from '../store/contract.ts';
import { hasGit } from '../store/with-git.ts';
import { runBroken } from './broken-program.ts';
import { DiskModel, type Operation as Logged } from './disk-model.ts';
import { operations } from './operations.ts';
import { type Row, tell, whyOf } from './rows.ts';
import { type Chance, chanceOf, isFull } from './seed.ts';
import { age, expectKept, expectNothingLost, leftovers, sumOf } from './soundness.ts';
import { aside, Stand } from './stand.ts';

/** Of each operation: cuts in a run of its own, and in the run behind a kill, at so many kills. */
const cuts = isFull ? 400 : 24;
const killsBefore = isFull ? 60 : 4;
const cutsAfterKill = isFull ? 40 : 10;

describe.each(operations)('$name', operation => {
  it('survives a power cut at any moment', async ({ task }) => {
    const chance = chanceOf(`power cut ${operation.name}`);
    const rows: Row[] = [];
    const failures: string[] = [];
    const stand = await Stand.make(operation);
    const scene = new Scene(stand);
    const tryOut = async (from: number, times: number, what: string): Promise<void> => {
      for (let time = 0; time < times; time++) {
        const moment = from + chance.below(scene.log.length - from + 1);
        const point = pointAt(scene.log, moment);
        const error = await scene.cut(moment, chance);
        rows.push({
          operation: operation.name,
          point,
          fault: what,
          outcome: error === null ? 'nothing lost' : 'FAILED',
        });
        if (error !== null) failures.push(`${what}, after ${moment} (${point}): ${error}`);
      }
    };
    const points = await stand.points();
    await scene.record();
    await tryOut(0, cuts, 'power cut');
    for (let kill = 0; kill < killsBefore; kill++) {
      const point = 1 + chance.below(points.length);
      const from = await scene.recordAfterKill(point);
      await tryOut(from, cutsAfterKill, 'kill, then power cut');
    }
    await scene.remove();
    tell(task, rows);
    expect(failures.join('\n\n')).toBe('');
  });
});

/** What the log says was done last. */
function pointAt(log: readonly Logged[], moment: number): string {
  const last = log.slice(0, moment).findLast(({ op }) => op !== 'open');
  return last === undefined ? 'the beginning' : `after ${last.op}`;
}

/** A recorded run, and the disk it ran on. */
class Scene {
  readonly #stand: Stand;
  readonly #after = mkdtempSync(join(tmpdir(), 'undertext-cut-'));
  log: readonly Logged[] = [];
  /** Stock git is asked after some of them: a process takes longer than all the rest. */
  #cuts = 0;

  constructor(stand: Stand) {
    this.#stand = stand;
  }

  async record(): Promise<void> {
    this.#stand.reset();
    this.log = await this.#run({});
  }

  /** A run that is killed, and the same again behind it; gives where that one begins in the log. */
  async recordAfterKill(point: number): Promise<number> {
    this.#stand.reset();
    const { length } = await this.#run({ point, fault: 'kill before' });
    age(this.#stand.place.store);
    this.log = await this.#run({});
    return length;
  }

  async #run(how: { point?: number; fault?: 'kill before' }): Promise<readonly Logged[]> {
    const { place, args } = this.#stand;
    return (await runBroken(place, args, { mode: 'record', ...how })).log as readonly Logged[];
  }

  /** Null when all is as it must be, else what is not. */
  async cut(moment: number, chance: Chance): Promise<string | null> {
    this.#stand.reset();
    const model = new DiskModel(this.#stand.place.folder, aside);
    for (const operation of this.log.slice(0, moment)) model.apply(operation);
    rmSync(this.#after, { recursive: true, force: true });
    model.cut(this.#after, chance);
    const said = this.log.slice(0, moment).filter(({ op }) => op === 'said');
    try {
      await this.#expectAll(said.map(({ text }) => text).join(''));
      return null;
    } catch (error) {
      return whyOf(error);
    }
  }

  /** First for whoever only reads; then whoever writes mends what is to be mended, and the store is as good as new. */
  async #expectAll(out: string): Promise<void> {
    const stand = this.#stand;
    const where = { store: join(this.#after, 'store'), home: join(this.#after, '.claude') };
    const isDone = !stand.saysAsItGoes && out !== '';
    age(where.store);
    stand.expectHome(isDone ? 'done' : 'either', '', where.home);
    const announced = await stand.announced(out, isDone, where);
    if (announced.length > 0) await expectKept(where.store, announced);
    const store = await openGitStore({ path: where.store, machine: 'here' });
    const [version] = await store.record([seen('after.md', 'after the cut', Date.now())]);
    await store.close();
    const after = { path: 'after.md', id: version!.id, blob: version!.blob!, sum: sumOf(Buffer.from('after the cut')) };
    await expectNothingLost(where.store, [...announced, after], hasGit && this.#cuts++ % 4 === 0);
    expect(leftovers(where.store)).toEqual([]);
  }

  async remove(): Promise<void> {
    rmSync(this.#after, { recursive: true, force: true });
    await this.#stand.place.remove();
  }
}

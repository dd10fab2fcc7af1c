/** Every operation, broken at its system calls: nothing announced is lost, it is said, and the next start works. */
import { describe, expect, it } from 'vitest';
import { Program } from '../helpers/program.ts';
import { type Broken, errors, type Fault, kills, type Point, runBroken } from './broken-program.ts';
import { operations } from './operations.ts';
import { type Row, tell, whyOf } from './rows.ts';
import { chanceOf, isFull } from './seed.ts';
import {
  type Announced,
  age,
  askAt,
  expectClearRefusal,
  expectCommandsAgree,
  expectNothingLost,
  leftovers,
} from './soundness.ts';
import { Stand, temporaryFiles } from './stand.ts';

interface Case extends Point {
  readonly fault: Fault;
  readonly lasts: boolean;
}

/** Two at a time, as CI has two cores; each in a place of its own. */
const hands = 2;
/** So many cases of an operation fit into the minutes CI has. */
const mostCases = 16;

describe.each(operations)('$name', operation => {
  it('is safe at every fault point', async ({ task }) => {
    const stands = await Promise.all(Array.from({ length: hands }, () => Stand.make(operation)));
    const points = await stands[0]!.points();
    const all = casesOf(points);
    const chosen = choose(all, chanceOf(operation.name));
    const rows: Row[] = [];
    const failures: string[] = [];
    const queue = [...chosen];
    const work = async (stand: Stand): Promise<void> => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        const { name, fault, lasts } = next;
        const point = { operation: operation.name, point: name, fault: lasts ? `${fault} from there on` : fault };
        try {
          const { outcome, met } = await tryOut(stand, next);
          rows.push({ ...point, point: met, outcome });
        } catch (error) {
          rows.push({ ...point, outcome: 'FAILED' });
          failures.push(`${next.point} ${name}, ${point.fault}: ${whyOf(error)}`);
        }
      }
    };
    await Promise.all(stands.map(work));
    tell(task, rows, { operation: operation.name, points: points.length, cases: all.length, tried: chosen.length });
    await Promise.all(stands.map(stand => stand.place.remove()));
    expect(failures.join('\n\n')).toBe('');
  });
});

async function tryOut(stand: Stand, { point, fault, lasts }: Case): Promise<{ outcome: string; met: string }> {
  stand.reset();
  const broken = await runBroken(stand.place, stand.args, { mode: 'break', point, fault, lasts });
  const [met] = broken.log as readonly Point[];
  if (!met) return { outcome: 'not met', met: `point ${point}` };
  const outcome = fault.startsWith('kill') ? expectKilled(broken) : expectSaid(stand, broken);
  const announced = await stand.announced(broken.out, outcome === 'went on');
  await expectNothingLost(stand.place.store, announced);
  stand.expectHome(outcome === 'went on' ? 'done' : 'either', broken.err);
  await expectNextStart(stand, announced);
  return { outcome, met: met.name };
}

/** The same again, by nobody's hand: it ends well, loses nothing, and clears away what was left. */
async function expectNextStart(stand: Stand, announced: readonly Announced[]): Promise<void> {
  const { place, args, operation } = stand;
  age(place.store);
  const again = await new Program(args, place.env, place.folder).ended;
  if (!stand.isGood(again)) throw new Error(`the next start ended with ${again.code}: ${again.err}`);
  const all = [...announced, ...(await stand.announced(again.out, true))];
  await expectNothingLost(place.store, all);
  stand.expectHome('done');
  expect(leftovers(place.store)).toEqual([]);
  if (stand.saysAsItGoes) return;
  await expectCommandsAgree(place, all);
  if (!operation.target) return;
  const later = () => Date.now() + 3600_000;
  expect(await askAt(later, place, ...args.slice(1))).toMatchObject({ code: 0, err: '' });
  stand.expectHome('done');
  expect(temporaryFiles(place.home)).toEqual([]);
}

function expectSaid(stand: Stand, broken: Broken): string {
  if (stand.isGood(broken)) return 'went on';
  if (broken.code !== 3) throw new Error(`it ended with ${broken.code}: ${broken.err}`);
  expectClearRefusal(broken);
  return 'refused';
}

function expectKilled({ code, err }: Broken): string {
  if (code !== null) throw new Error(`it was to be killed, and ended with ${code}: ${err}`);
  return 'nothing lost';
}

/** A chmod has no halves and needs no space; what removes needs none either. */
function casesOf(points: readonly Point[]): readonly Case[] {
  return points.flatMap(point => {
    const writes = /^(write|open|mkdir|link|symlink|rename|ftruncate|fsync|fdatasync) /.test(point.name);
    const killed = kills.filter(fault => fault !== 'kill middle' || point.canHalve);
    const needsSpace = writes && !/^f(data)?sync /.test(point.name);
    const refused = errors.filter(error => writes && (error === 'EIO' || needsSpace));
    return [
      ...killed.map(fault => ({ ...point, fault, lasts: false })),
      ...refused.flatMap(fault => [false, true].map(lasts => ({ ...point, fault, lasts }))),
    ];
  });
}

/** First of all, each kind of point at least once; then others, as long as there is time. */
function choose(all: readonly Case[], chance: ReturnType<typeof chanceOf>): readonly Case[] {
  if (isFull) return all;
  const shuffled = chance.shuffle(all);
  const seen = new Set<string>();
  const first = shuffled.filter(({ name, fault }) => {
    const key = `${name} ${fault.startsWith('kill')}`;
    return !seen.has(key) && seen.add(key);
  });
  return [...first, ...shuffled.filter(each => !first.includes(each))].slice(0, mostCases);
}

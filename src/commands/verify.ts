/** `undertext verify`: reads the whole store back, and mends it when asked. */
import { randomInt } from 'node:crypto';
import { UndertextError } from '../errors.ts';
import type { Root } from '../model.ts';
import { repairJson, repairText, verifyJson, verifyText } from '../report/verify-text.ts';
import { oddRecords } from '../store/sound-records.ts';
import type { Sample } from '../store/store.ts';
import type { Call, Command, ExitCode } from './command.ts';
import { progressLine } from './progress.ts';
import { refetchFrom } from './refetch.ts';
import { type Setup, withSetup } from './setup.ts';

export const verify: Command = {
  name: 'verify',
  summary: 'reads the store back and says whether every version can be restored',
  usage: ['verify', 'verify --sample 5%', 'verify --repair'],
  arguments: 0,
  options: {
    sample: { type: 'string', value: 'SHARE', help: 'read only that share of the objects, picked at random: 5%' },
    repair: { type: 'boolean', help: 'bring back what can be had, and set the rest aside' },
  },
  examples: [
    { line: 'undertext verify', does: 'names what is damaged, and which versions of which paths it means' },
    { line: 'undertext verify --sample 5%', does: 'for every night: other objects each time' },
    { line: 'undertext verify --repair', does: 'makes indexes and snapshots anew, fetches content from the disk' },
  ],
  exits: { 0: 'every version can be restored', 3: 'something is damaged or lost' },
  run: async call => {
    const sample = sampleOf(call);
    if (!call.has('repair')) return withSetup(call, 'read', setup => look(setup, sample));
    if (sample) throw wrong('`--repair` reads everything', 'leave `--sample` out');
    return withSetup(call, 'write', repair);
  },
};

async function look(setup: Setup, sample: Sample | null): Promise<ExitCode> {
  const progress = progressLine(setup.world.err);
  const onProgress = (done: number, of: number): void => progress.show(`read ${done} of ${of} objects`);
  const found = await setup.store.verify(onProgress, sample ?? undefined);
  const result = { ...found, damage: [...found.damage, ...oddRecords(setup.store)] };
  progress.clear();
  const isSound = result.damage.length === 0;
  if (setup.json) await setup.print(verifyJson(result));
  else if (!(setup.quiet && isSound)) await setup.print(verifyText(result, setup.style));
  return isSound ? 0 : 3;
}

async function repair(setup: Setup): Promise<ExitCode> {
  const { store } = setup;
  const progress = progressLine(setup.world.err);
  const onProgress = (done: number, of: number): void => progress.show(`read ${done} of ${of} objects`);
  const done = await store.repair(refetchFrom(knownRoots(setup), setup.classify), onProgress);
  const left = await store.verify(onProgress);
  progress.clear();
  // What was mended when the store was opened.
  const report = { ...done, opened: store.repairs, left };
  await setup.print(setup.json ? repairJson(report) : repairText(report, setup.style));
  return done.lost.length === 0 && left.damage.length === 0 ? 0 : 3;
}

/** Every root the store has ever kept: its files may stand there still. */
function knownRoots({ store, roots }: Setup): readonly Root[] {
  const names = new Set(roots.map(({ name }) => name));
  const others = store.notes('root').map(({ data }) => data as { name: string; path: string });
  return [...roots, ...others.filter(({ name }) => !names.has(name)).map(root => ({ ...root, beside: [] }))];
}

function sampleOf(call: Call): Sample | null {
  const text = call.text('sample');
  if (text === undefined) return null;
  const percent = Number(/^(\d+(?:\.\d+)?)%$/.exec(text)?.[1] ?? Number.NaN);
  if (!(percent > 0 && percent <= 100)) throw wrong(`\`${text}\` is no share`, 'give a share as `--sample 5%`');
  return { share: percent / 100, seed: randomInt(2 ** 31) };
}

function wrong(what: string, hint: string): UndertextError {
  return new UndertextError('usage', what, hint);
}

/** A home as it is after months of parallel sessions: files of all kinds, and every version of them in a store. */
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Observation } from '../src/model.ts';
import { openGitStore } from '../src/store/git-store.ts';
import { keptWhole } from '../src/store/store.ts';
import { chance, type Dice, type Edited, edit, type Kind, newText } from './old-home-texts.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
/** The newest version is from before this bench began, the oldest from half a year before. */
const months = 180 * day;
/** Versions that stand in a row without a seal, as when sessions are at work. */
const sealedTogether = 400;

interface Plan {
  readonly path: string;
  readonly kind: Kind;
  /** How many versions it has, as a share. */
  readonly weight: number;
  /** What an index names. */
  readonly names?: readonly string[];
}

export interface OldHome {
  readonly files: number;
  readonly versions: number;
  readonly bytes: number;
}

/** Writes the newest versions into `home` and all of them into a store at `storePath`; the same for the same seed. */
export async function makeOldHome(
  home: string,
  storePath: string,
  { files, versions, seed = 5 }: { readonly files: number; readonly versions: number; readonly seed?: number },
): Promise<OldHome> {
  const dice = chance(seed);
  const plans = plansOf(files);
  const counts = shares(plans, versions);
  const now = Date.now() - hour;
  const steps = plans.flatMap((plan, at) => timesOf(counts[at]!, now, dice).map(time => ({ plan, at, time })));
  steps.sort((a, b) => a.time - b.time);

  let clock = steps[0]!.time - 1000;
  const store = await openGitStore({ path: storePath, machine: 'bench', now: () => clock });
  await store.note([{ kind: 'root', at: clock, data: { name: 'claude', path: home } }]);
  const texts: Edited[] = [];
  let bytes = 0;
  let batch: Observation[] = [];
  for (const [done, { plan, at, time }] of steps.entries()) {
    const before = texts[at];
    const made = before ? edit(before, plan.kind, dice) : newText(plan.kind, plan.path, plan.names ?? [], dice);
    const content = Buffer.from(made.text);
    // Read back: a text put together from pieces keeps all texts in memory that these were cut from.
    texts[at] = { text: content.toString(), before: made.before };
    bytes += content.length;
    const blob = content.length > keptWhole ? await store.keep(once(content), content.length) : null;
    batch.push({
      root: 'claude',
      path: plan.path,
      kind: 'file',
      at: time,
      seenAt: time + 2,
      content: blob === null ? content : { blob },
      size: content.length,
      mode: 0o644,
      mtime: time,
      how: 'event',
      settled: true,
    });
    if (batch.length < 200 && done < steps.length - 1) continue;
    clock = time + 1000;
    await store.record(batch);
    batch = [];
    if (Math.floor(done / sealedTogether) > Math.floor((done - 200) / sealedTogether)) await store.seal();
  }
  await store.close();

  const newest = new Map(steps.map(({ at, time }) => [at, time]));
  for (const [at, plan] of plans.entries()) {
    const path = join(home, plan.path);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, texts[at]!.text, { mode: 0o644 });
    utimesSync(path, newest.get(at)! / 1000, newest.get(at)! / 1000);
  }
  return { files: plans.length, versions: steps.length, bytes };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Notes with their indexes, skills with theirs, agents, plans, lists of what is to be done, settings, transcripts. */
function plansOf(files: number): readonly Plan[] {
  const plans: Plan[] = [];
  const add = (path: string, kind: Kind, weight: number, names?: readonly string[]): void => {
    plans.push({ path, kind, weight, ...(names ? { names } : {}) });
  };
  add('CLAUDE.md', 'note', 60);
  add('settings.json', 'settings', 120);
  add('settings.local.json', 'settings', 60);
  add('keybindings.json', 'settings', 4);
  add('plugins/installed_plugins.json', 'settings', 30);
  add('history.jsonl', 'log', 100);
  const skills = Array.from({ length: Math.floor(files / 10) }, (_, i) => `skill-${i}`);
  add(
    'skills/_index.md',
    'index',
    150,
    skills.map(name => `${name}/SKILL.md`),
  );
  for (const name of skills) add(`skills/${name}/SKILL.md`, 'skill', 7);
  for (let i = 0; i < files / 60; i++) add(`agents/agent-${i}.md`, 'skill', 5);
  for (let i = 0; i < files / 40; i++) add(`commands/group-${i % 7}/command-${i}.md`, 'skill', 4);
  for (let i = 0; i < files / 25; i++) add(`plans/plan-${i}.md`, 'note', 6);
  for (let i = 0; i < files / 40; i++) add(`todos/session-${i}.json`, 'settings', 8);
  const projects = Math.max(1, Math.floor(files / 100));
  for (let p = 0; p < projects; p++) {
    for (let i = 0; i < 2; i++) add(`projects/-home-me-p${p}/session-${i}.jsonl`, 'log', 10);
  }
  const rest = files - plans.length;
  for (let p = 0; p < projects; p++) {
    const folder = `projects/-home-me-p${p}/memory`;
    const most = Math.floor(((p + 1) * rest) / projects) - Math.floor((p * rest) / projects) - 1;
    const notes = Array.from({ length: most }, (_, i) => `${p % 2 ? 'note' : 'fact'}-${i}.md`);
    add(`${folder}/MEMORY.md`, 'index', 70, notes);
    for (const [i, name] of notes.entries()) add(`${folder}/${name}`, 'note', 4 + (i % 12));
  }
  return plans;
}

/** So many versions for each that they are `total` together; everything has one at least. */
function shares(plans: readonly Plan[], total: number): readonly number[] {
  const all = plans.reduce((sum, { weight }) => sum + weight, 0);
  const counts = plans.map(({ weight }) => Math.max(1, Math.floor((weight / all) * total)));
  let left = total - counts.reduce((sum, n) => sum + n, 0);
  for (let i = 0; left !== 0; i = (i + 1) % counts.length) {
    if (left < 0 && counts[i] === 1) continue;
    counts[i]! += Math.sign(left);
    left -= Math.sign(left);
  }
  return counts;
}

/** Minutes to days lie between two versions, and most are in bursts: a session works on a file, then rests. */
function timesOf(count: number, now: number, dice: Dice): readonly number[] {
  const steps = Array.from({ length: count - 1 }, () =>
    dice() < 0.6 ? minute + dice() * 30 * minute : hour + dice() ** 3 * 6 * day,
  );
  const length = steps.reduce((sum, step) => sum + step, 0);
  const scale = Math.min(1, (months * 0.9) / Math.max(1, length));
  let at = now - dice() * (months - length * scale) - length * scale;
  return [at, ...steps.map(step => (at += step * scale))].map(time => Math.round(time));
}

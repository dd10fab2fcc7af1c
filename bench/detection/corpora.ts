/** The same on what really happened, where the corpus is present: version triples of git histories, homes of the lab. */
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runAudit } from '../../src/audit/run-audit.ts';
import { isNoiseUnit } from '../../src/home/noise-units.ts';
import type { Certainty } from '../../src/model.ts';
import type { Rule } from '../../src/rule.ts';
import { readRun } from '../../test/helpers/lab-truth.ts';
import type { Write } from './play.ts';
import { noon } from './play.ts';
import { audited } from './program.ts';
import type { Signs } from './signs.ts';
import { watcher } from './signs.ts';
import { keep } from './versions.ts';

export interface Triple {
  readonly name: string;
  readonly label: 'TRUE' | 'DELIBERATE' | 'AMBIGUOUS';
  /** Why its labeller thinks so: out of what no content says. */
  readonly why: string;
  /** How it is told; null: not at all. */
  readonly certainty: Certainty | null;
  readonly rules: readonly string[];
  readonly signs: readonly string[];
}

interface Label {
  readonly dir: string;
  readonly label: Triple['label'];
  readonly why: string;
}

export async function triples(corpus: string, rules: readonly Rule[], apart: number): Promise<readonly Triple[]> {
  const folder = join(corpus, 'git-lost-updates');
  if (!existsSync(folder)) return [];
  const labels: readonly Label[] = JSON.parse(readFileSync(join(folder, 'labels.json'), 'utf8'));
  const all: Triple[] = [];
  for (const { dir, label, why } of labels) {
    const texts = ['v0_base.md', 'v1_other.md', 'v2_written.md'].map(file =>
      readFileSync(join(folder, dir, file), 'utf8'),
    );
    const writes = texts.map((text, i): Write => ({ ...nobody, at: noon + i * apart, text }));
    const { histories, read } = keep(writes);
    const seen: Signs[] = [];
    const { incidents } = await runAudit({
      histories,
      read,
      rules: [...rules, watcher(seen)],
      options: {},
      isNoise: isNoiseUnit,
      notes: [],
      now: noon + 3 * apart + 3_600_000,
    });
    const losses = incidents.filter(({ cause, lost }) => lost !== null && cause?.version.startsWith('v2'));
    const certainty =
      (['likely', 'possible'] as const).find(each => losses.some(one => one.certainty === each)) ?? null;
    const named = new Set(losses.flatMap(({ findings }) => findings.map(({ rule }) => rule)));
    const signs = [...(seen.find(({ cause }) => cause.startsWith('v2'))?.signs ?? ['grew from the newest'])];
    all.push({ name: dir, label, why, certainty, rules: [...named], signs });
  }
  return all;
}

const nobody = { path: 'x.md', by: 'git', deed: 'commit', pieces: [], gone: new Map(), isStale: false };

export interface LabRun {
  readonly title: string;
  readonly outcome: 'lost' | 'shown' | 'known' | 'kept';
  readonly told: readonly Certainty[];
}

/** What the built program says of the homes that a real client left, without ever having watched. */
export function labRuns(corpus: string): readonly LabRun[] {
  const lab = join(corpus, 'lab');
  if (!existsSync(lab)) return [];
  const runs = readdirSync(lab).flatMap(version =>
    readdirSync(join(lab, version)).map(name => readRun(join(lab, version, name), `${version} ${name}`)),
  );
  return runs.flatMap(({ folder, title, outcome }) => {
    if (outcome === 'unknown') return [];
    const place = mkdtempSync(join(tmpdir(), 'bench-detection-'));
    try {
      cpSync(join(folder, '.claude'), join(place, '.claude'), { recursive: true, preserveTimestamps: true });
      return [{ title, outcome, told: audited(join(place, '.claude'), join(place, 'store')) }];
    } finally {
      rmSync(place, { recursive: true, force: true });
    }
  });
}

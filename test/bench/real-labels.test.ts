import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RealLabels } from '../../bench/detection/real-labels.ts';

const { homes, labels }: RealLabels = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../bench/detection/real-labels.json'), 'utf8'),
);

describe('labels of real histories', () => {
  it('are of homes that are listed', () => {
    const known = new Set(homes.map(({ home }) => home));
    expect(labels.filter(({ home }) => !known.has(home))).toEqual([]);
  });

  it('say one thing of each edit', () => {
    const keys = labels.map(({ home, path, commit, blob }) => [home, path, commit, blob].join('\0'));
    expect(keys.length - new Set(keys).size).toBe(0);
  });

  it('name an edit, a verdict and a reason, and hold no text of the homes', () => {
    const isSound = ({ commit, blob, verdict, kind, why }: (typeof labels)[number]) =>
      /^([0-9a-f]{12}|\?)$/.test(commit) &&
      /^([0-9a-f]{12}|gone)$/.test(blob) &&
      ['loss', 'none', 'unknown', 'fact'].includes(verdict) &&
      /^[a-z-]+$/.test(kind) &&
      why.length > 0 &&
      why.length <= 200;
    expect(labels.filter(label => !isSound(label))).toEqual([]);
  });
});

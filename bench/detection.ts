/** `npm run bench:detection [HISTORIES]`: what is found, and what is told wrongly. `SEED` sets another seed. */
import { join } from 'node:path';
import { rules } from '../rules/index.ts';
import { realFolders, synthetic } from './detection/bases.ts';
import type { Verdict } from './detection/judge.ts';
import { judge } from './detection/judge.ts';
import { play } from './detection/play.ts';
import { random } from './detection/random.ts';
import { wordsOf } from './detection/words.ts';

const seed = Number(process.env.SEED ?? 20261120);
const histories = Number(process.argv[2] ?? 300);
const real = realFolders(process.env.UNDERTEXT_CORPUS ?? join(import.meta.dirname, '../../../shared/corpus'));
const sets: Record<string, Verdict[]> = { none: [], all: [], some: [] };
const t0 = Date.now();
for (let i = 0; i < histories; i++) {
  const chance = random(seed + i);
  const words = wordsOf(chance);
  const base = real.length > 0 && chance.chance(0.5) ? chance.pick(real) : synthetic(chance, words);
  const played = play(base, chance, words);
  for (const records of ['none', 'all', 'some'] as const)
    sets[records]!.push(await judge(played, rules, records, chance));
}
console.log((Date.now() - t0) / 1000, 's', real.length);
for (const [name, verdicts] of Object.entries(sets)) {
  const losses = verdicts.flatMap(v => v.losses);
  console.log('==', name, 'writes', verdicts.flatMap(v => v.writes).length, 'losses', losses.length);
  console.log(
    'whole',
    losses.filter(l => l.missed.length === 0).length / losses.length,
    'some',
    losses.filter(l => l.named > 0).length / losses.length,
    'pieces',
    losses.reduce((s, l) => s + l.named, 0) / losses.reduce((s, l) => s + l.pieces, 0),
  );
  for (const c of ['proven', 'likely', 'possible']) {
    const one = verdicts.flatMap(v => v.incidents).filter(j => j.certainty === c);
    const u = one.reduce((s, j) => [s[0]! + j.lost, s[1]! + j.meant, s[2]! + j.stands], [0, 0, 0]);
    console.log(
      c,
      one.length,
      'any',
      one.filter(j => j.lost > 0).length / one.length,
      'most',
      one.filter(j => j.lost * 2 >= j.lost + j.meant + j.stands).length / one.length,
      'units',
      u.join(' '),
    );
  }
  for (const rule of rules)
    for (const c of ['proven', 'likely', 'possible']) {
      const one = verdicts.flatMap(v => v.findings).filter(j => j.certainty === c && j.rule === rule.id);
      if (one.length)
        console.log(
          '  RULE',
          rule.id,
          c,
          one.length,
          'any',
          (one.filter(j => j.lost > 0).length / one.length).toFixed(3),
        );
    }
  const by = new Map<string, number[]>();
  for (const j of verdicts.flatMap(v => v.incidents))
    if (j.certainty === 'likely' && j.lost * 2 < j.lost + j.meant + j.stands) {
      const k = `${j.rule} ${j.write.deed}${j.write.isStale ? ' stale' : ''}`;
      by.set(k, [(by.get(k)?.[0] ?? 0) + 1]);
    }
  console.log('wrong likely', Object.fromEntries(by));
}

{
  const all = sets.none!.flatMap(v => v.signs);
  const names = [...new Set(all.flatMap(s => [...s.signs]))];
  console.log('signs', all.length, all.filter(s => s.isRight).length / all.length);
  for (const c of ['likely', 'possible'])
    for (const name of names) {
      const w = all.filter(s => s.certainty === c && s.signs.has(name));
      const wo = all.filter(s => s.certainty === c && !s.signs.has(name));
      console.log(
        c,
        name,
        w.length,
        (w.filter(s => s.isRight).length / w.length).toFixed(3),
        'without',
        wo.length,
        (wo.filter(s => s.isRight).length / wo.length).toFixed(3),
      );
    }
}

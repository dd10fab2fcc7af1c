/** `npm run bench [NAME …]`: our figures beside those of peers measured in the same run; take the ratios. */
import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { benchAudit } from './audit.ts';
import { benchBig } from './big.ts';
import { benchIndexSize } from './index-size.ts';
import { benchKeeping } from './keeping.ts';
import { benchMending } from './mending.ts';
import { benchProgram } from './program.ts';
import type { Row } from './row.ts';
import { benchStore } from './store.ts';
import { benchTranscripts } from './transcripts.ts';
import { benchWatch } from './watch.ts';

const benches: Readonly<Record<string, () => Promise<readonly Row[]>>> = {
  program: benchProgram,
  store: benchStore,
  keeping: benchKeeping,
  big: benchBig,
  'index-size': benchIndexSize,
  transcripts: benchTranscripts,
  watch: benchWatch,
  mending: benchMending,
  audit: benchAudit,
};

const wanted = process.argv.slice(2);
const git = execFileSync('git', ['--version'], { encoding: 'utf8' }).trim();
const [processor] = cpus();
console.log(
  `${process.platform} ${process.arch}, ${cpus().length} × ${processor?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
);
console.log(`node ${process.versions.node}, ${git}\n`);
for (const [name, bench] of Object.entries(benches)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  for (const row of await bench()) console.log(line(row));
}

function line(row: Row): string {
  const ratio =
    row.peer === null
      ? ''
      : ` = ${(row.ours / row.peer).toPrecision(3)} × ${row.peerName} (${figure(row.peer)} ${row.unit})`;
  const said = `${row.name}: ${row.unit === '%' ? percent(row.ours) : figure(row.ours)} ${row.unit}${ratio}`;
  if (row.target === '') return said;
  const verdict = row.met === null ? 'not measured here' : row.met ? 'met' : 'MISSED';
  return `${said}; wanted ${row.target}: ${verdict}`;
}

function figure(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

/** Cut off, not rounded: 3,999 of 4,000 are not 100 %. */
function percent(value: number): string {
  return value < 1 || value === 100 ? figure(value) : (Math.floor(value * 100) / 100).toFixed(2);
}

/** Prints the list of fault points with what each showed, behind what vitest prints. */
import type { Reporter, TestModule } from 'vitest/node';
import type { Row, Sample } from './rows.ts';

export class FaultTable implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap(module => [...module.children.allTests()].map(test => test.meta()));
    const rows = new Map<string, Row[]>();
    for (const row of tests.flatMap(({ rows = [] }) => rows)) {
      rows.set(row.operation, [...(rows.get(row.operation) ?? []), row]);
    }
    const samples = new Map(tests.flatMap(({ sample }) => (sample ? [[sample.operation, sample] as const] : [])));
    const lines = [...rows].flatMap(([operation, all]) => [
      '',
      `${operation}: ${howMany(all, samples.get(operation))}`,
      ...linesOf(all).map(line => `  ${line}`),
    ]);
    if (lines.length > 0) process.stdout.write(`\nFault points, and what each showed\n${lines.join('\n')}\n`);
    const again = `UNDERTEXT_SEED=${process.env.UNDERTEXT_SEED} npm run test:faults`;
    process.stdout.write(`\nThe same again: ${again}; every case, in an hour: UNDERTEXT_FULL=1\n`);
  }
}

/** Each point with each fault that fits it is a case; the others of the rows are power cuts, and chance. */
function howMany(rows: readonly Row[], sample: Sample | undefined): string {
  if (!sample) return `${rows.length} times`;
  const more = rows.length - sample.tried;
  const cuts = more > 0 ? `, and ${more} power cuts` : '';
  return `${sample.tried} of ${sample.cases} cases at ${sample.points} points${cuts}`;
}

/** One line for each point: what was done there how often, and how it ended. */
function linesOf(rows: readonly Row[]): readonly string[] {
  const points = new Map<string, Map<string, number>>();
  for (const { point, fault, outcome } of rows) {
    const told = points.get(point) ?? new Map<string, number>();
    const what = `${fault}: ${outcome}`;
    points.set(point, told.set(what, (told.get(what) ?? 0) + 1));
  }
  const width = Math.max(...[...points.keys()].map(({ length }) => length));
  return [...points].map(([point, told]) => {
    const all = [...told].map(([what, times]) => (times === 1 ? what : `${what} ×${times}`));
    return `${point.padEnd(width)}  ${all.join(', ')}`;
  });
}

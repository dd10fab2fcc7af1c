/** What the tests hand to the table that is printed at the end (table.ts). */
import type { TestContext } from 'vitest';

export interface Row {
  readonly operation: string;
  readonly point: string;
  readonly fault: string;
  readonly outcome: string;
}

export interface Sample {
  readonly operation: string;
  readonly points: number;
  /** Each point with each fault that fits it. */
  readonly cases: number;
  readonly tried: number;
}

declare module 'vitest' {
  interface TaskMeta {
    rows?: readonly Row[];
    sample?: Sample;
  }
}

export function tell(task: TestContext['task'], rows: readonly Row[], sample?: Sample): void {
  task.meta.rows = rows;
  if (sample) task.meta.sample = sample;
}

/** What was expected and what came, in one piece: many cases are told together. */
export function whyOf(error: unknown): string {
  const { message, actual, expected } = error as Error & { actual?: unknown; expected?: unknown };
  if (actual === undefined) return message;
  return `${message}\n${JSON.stringify(actual)}\nand not\n${JSON.stringify(expected)}`;
}

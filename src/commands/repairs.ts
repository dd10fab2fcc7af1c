import { visible } from '../report/visible.ts';
import type { Setup } from './setup.ts';

/** Says what the store had to mend, or to leave, when it was opened; also to a job that wants quiet, for it comes once. */
export async function sayRepairs({ store, style, warn }: Setup): Promise<void> {
  for (const repair of store.repairs) await warn(`${style.warn('warning')}: ${visible(repair)}`);
}

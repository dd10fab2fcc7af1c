import { warningText } from '../report/warning-text.ts';
import { errorWidth, type Setup } from './setup.ts';

/** Says what the store had to mend, or to leave, when it was opened; also to a job that wants quiet, for it comes once. */
export async function sayRepairs({ store, style, warn, world }: Setup): Promise<void> {
  for (const repair of store.repairs) await warn(warningText(repair, null, style, errorWidth(world.err)));
}

/** The end of what records: the journal becomes a pack, now or later. */
import { UndertextError } from '../errors.ts';
import { warningText } from '../report/warning-text.ts';
import { errorWidth, type Setup } from './setup.ts';

/** What was recorded is durable; when somebody holds the lock for long, a later seal packs it. That is said, and no failure. */
export async function sealOrSay({ store, style, warn, world, json }: Setup): Promise<void> {
  try {
    await store.seal();
  } catch (error) {
    if (!(error instanceof UndertextError) || error.code !== 'busy') throw error;
    const message = `${error.message}: what was recorded is kept, and is packed later`;
    if (!json) await warn(warningText(message, null, style, errorWidth(world.err)));
  }
}

/** The end of what records: the journal becomes a pack, now or later. */
import { UndertextError } from '../errors.ts';
import { warningText } from '../report/warning-text.ts';
import { errorWidth, type Setup } from './setup.ts';

/** Versions in the journal are durable already. When another process holds the lock for long, we say so, and a later seal packs them. */
export async function sealOrSay({ store, style, warn, world, json }: Setup): Promise<void> {
  try {
    await store.seal();
  } catch (error) {
    if (!(error instanceof UndertextError) || error.code !== 'busy') throw error;
    const message = `${error.message}: what was recorded is kept, and is packed later`;
    if (!json) await warn(warningText(message, null, style, errorWidth(world.err)));
  }
}

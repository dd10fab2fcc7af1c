/** Where real transcripts lie: `$UNDERTEXT_CORPUS`, else `../shared/corpus` beside the checkout. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export const corpus = process.env.UNDERTEXT_CORPUS ?? join(import.meta.dirname, '../../../shared/corpus');
export const isCorpusHere = existsSync(join(corpus, 'transcripts'));
export const say = (text: string) => process.stdout.write(`${text}\n`);

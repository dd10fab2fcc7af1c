import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { openGitStore } from '../../src/store/git-store.ts';
import { memoryStore } from '../../src/store/memory-store.ts';
import { storeContract } from './contract.ts';

const home = mkdtempSync(join(tmpdir(), 'undertext-store-'));
let count = 0;
afterAll(() => rmSync(home, { recursive: true, force: true }));

storeContract('the memory store', async () => memoryStore());
storeContract('the git store', () => openGitStore({ path: join(home, String(count++)), machine: 'here' }));

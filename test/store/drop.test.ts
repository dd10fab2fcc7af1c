import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { openGitStore } from '../../src/store/git-store.ts';
import { memoryStore } from '../../src/store/memory-store.ts';
import { dropContract } from './drop-contract.ts';

const home = mkdtempSync(join(tmpdir(), 'undertext-drop-'));
let count = 0;
afterAll(() => rmSync(home, { recursive: true, force: true }));

dropContract('the memory store', async now => memoryStore({ now }));
dropContract('the git store', now => openGitStore({ path: join(home, String(count++)), machine: 'here', now }));

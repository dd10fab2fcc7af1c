/** What a command works with, on a store in memory and a clock that moves when it is told. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rules } from '../../rules/index.ts';
import { auditNow, savedCache } from '../../src/commands/audit-now.ts';
import type { Setup } from '../../src/commands/setup.ts';
import { classifier } from '../../src/home/classes.ts';
import { defaultConfig, type Keep } from '../../src/home/config.ts';
import type { Version } from '../../src/model.ts';
import { makeStyle } from '../../src/report/style.ts';
import { memoryStore } from '../../src/store/memory-store.ts';
import { seen } from '../store/contract.ts';

export const day = 86_400_000;

export class Stage {
  readonly folder = mkdtempSync(join(tmpdir(), 'undertext-test-'));
  now = Date.parse('2026-08-01T12:00:00Z');
  free = 1e12;
  readonly told: string[] = [];
  readonly abort = new AbortController();
  readonly store = memoryStore({ now: () => this.now, disk: () => ({ free: this.free, total: 2e12 }) });
  readonly setup: Setup;

  constructor(keep: Partial<Keep> = {}) {
    const say = async (text: string) => void this.told.push(text);
    const config = { ...defaultConfig, keep: { ...defaultConfig.keep, ...keep } };
    const terminal = { write: async () => {}, isTerminal: false, columns: 80 };
    this.setup = {
      world: {
        out: terminal,
        err: terminal,
        cwd: this.folder,
        home: this.folder,
        env: {},
        platform: 'linux',
        node: '',
        signal: this.abort.signal,
        rules,
        now: () => this.now,
      },
      config,
      roots: [{ name: 'claude', path: join(this.folder, '.claude'), beside: [] }],
      store: this.store,
      storePath: this.folder,
      access: 'write',
      style: makeStyle({ color: false, width: 80 }),
      json: false,
      quiet: false,
      hasOwnRules: false,
      rules,
      classify: classifier(config),
      print: say,
      warn: say,
    };
  }

  /** Records what a file holds now (null: it is gone), and lets some time pass. */
  async write(path: string, content: string | null, thenPause = 60_000): Promise<Version> {
    const [version] = await this.store.record([seen(path, content, this.now)]);
    this.now += thenPause;
    return version!;
  }

  audit() {
    return auditNow(this.setup, { cache: savedCache(this.setup) });
  }

  ids(path: string): readonly string[] {
    return this.store.versions({ root: 'claude', path }).map(({ id }) => id);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

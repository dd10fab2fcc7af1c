/** The newest client from the npm registry, kept in a cache: the next run asks the registry for the version only. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const npm = promisify(execFile);
const name = '@anthropic-ai/claude-code';

export interface Client {
  readonly version: string;
  /** Holds one install per version: `v<version>`. */
  readonly clients: string;
}

/** A client, or why there is none. `UNDERTEXT_CLIENT` names a version that is not the newest. */
export async function installClient(): Promise<Client | { readonly why: string }> {
  const clients = join(tmpdir(), 'undertext-clients');
  try {
    const wanted = process.env.UNDERTEXT_CLIENT ?? 'latest';
    const { stdout } = await npm('npm', ['view', `${name}@${wanted}`, 'version'], { timeout: 60_000 });
    const version = stdout.trim();
    const folder = join(clients, `v${version}`);
    if (!existsSync(folder)) {
      // Of the newest ones only one is kept; what somebody asked for by its number stays beside it.
      if (process.env.UNDERTEXT_CLIENT === undefined) rmSync(clients, { recursive: true, force: true });
      const half = `${folder}.${process.pid}`;
      mkdirSync(half, { recursive: true });
      const args = ['install', '--prefix', half, '--no-audit', '--no-fund', `${name}@${version}`];
      await npm('npm', args, { timeout: 600_000 });
      renameSync(half, folder);
    }
    return { version, clients };
  } catch (error) {
    const left = existsSync(clients) ? readdirSync(clients) : [];
    for (const half of left.filter(entry => entry.endsWith(`.${process.pid}`))) {
      rmSync(join(clients, half), { recursive: true, force: true });
    }
    return { why: `no client from the registry: ${String((error as Error).message).split('\n')[0]}` };
  }
}

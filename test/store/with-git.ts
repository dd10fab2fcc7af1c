/** Stock git, asked from the outside, with nobody's configuration. */
import { execFileSync, spawnSync } from 'node:child_process';

export const hasGit = spawnSync('git', ['--version']).status === 0;

const env = {
  PATH: '/usr/local/bin:/usr/bin:/bin',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  HOME: '/nonexistent',
};

export function git(store: string, ...args: readonly string[]): Buffer {
  return execFileSync('git', ['--git-dir', store, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 1 << 28,
  });
}

/** What `git fsck --full` complains of. That a kill left a commit no head names (yet) is no complaint. */
export function fsck(store: string): string {
  const { status, stdout, stderr } = spawnSync('git', ['--git-dir', store, 'fsck', '--full', '--strict'], { env });
  const said = `${stdout}${stderr}`
    .split('\n')
    .filter(
      line =>
        !/^(Checking|dangling|notice: (HEAD points to an unborn branch|No default references))/.test(line) &&
        line !== '',
    )
    .join('\n');
  return status === 0 ? said : `exit ${status}: ${said}`;
}

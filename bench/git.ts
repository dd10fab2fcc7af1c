/** Stock git as a peer: nobody's configuration, and no clean-up of its own that would run on into what we measure next. */
export const gitEnv = {
  PATH: process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
  HOME: '/nonexistent',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'bench',
  GIT_AUTHOR_EMAIL: 'bench',
  GIT_COMMITTER_NAME: 'bench',
  GIT_COMMITTER_EMAIL: 'bench',
};

export const withoutGc = ['-c', 'gc.auto=0', '-c', 'maintenance.auto=false'];

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { classifier, looksLikeClaudeHome, namedByTable } from '../../src/home/classes.ts';
import { type Config, defaultConfig } from '../../src/home/config.ts';
import type { FileClass, Root } from '../../src/model.ts';

const home: Root = { name: 'claude', path: '/home/me/.claude', beside: ['../.claude.json'] };
const folder: Root = { name: 'notes', path: '/home/me/notes', beside: [] };

const inHome: readonly [string, FileClass][] = [
  ['CLAUDE.md', 'authored'],
  ['rules/python.md', 'authored'],
  ['skills/voice-buffer/SKILL.md', 'authored'],
  ['skills/voice-buffer/scripts/run', 'authored'],
  ['skills/_index.md', 'authored'],
  ['commands/deploy/check.md', 'authored'],
  ['agents/reviewer.md', 'authored'],
  ['agent-memory/reviewer/MEMORY.md', 'authored'],
  ['projects/-home-me-x/memory/MEMORY.md', 'authored'],
  ['projects/-home-me-x/memory/logs/2026/11/20/a.md', 'authored'],
  ['output-styles/terse.md', 'authored'],
  ['hooks/pre-commit', 'authored'],
  ['statusline.sh', 'authored'],
  ['keybindings.json', 'authored'],
  ['plugins/data/notes/store.bin', 'authored'],
  ['something-new/notes.md', 'authored'],

  ['settings.json', 'state'],
  ['settings.local.json', 'state'],
  ['../.claude.json', 'state'],
  ['.claude.json', 'state'],
  ['plugins/installed_plugins.json', 'state'],
  ['plans/fix-auth-race-snug-otter.md', 'state'],
  ['backups/.claude.json.backup.1763676000000', 'log'],
  ['backups/.claude.json.corrupted.1763676000000', 'log'],
  ['file-history/0f0f/1234567890abcdef@v2', 'log'],
  ['tasks/abc/1.json', 'state'],
  ['sessions/4711.json', 'state'],
  ['projects/-home-me-x/0f0f/subagents/agent-a1.meta.json', 'state'],
  ['something-new/data.bin', 'state'],
  ['shares/a/b.json', 'state'],
  ['storage-v2/a/b', 'state'],
  ['state/settings-review.json', 'state'],
  ['dev-mods/0f0f/mod.json', 'state'],
  ['feedback/drafts/a.json', 'state'],
  ['remote-settings-consent.json', 'state'],
  ['cowork_plugins/installed_plugins.json', 'state'],
  ['plugins/store/mine.json', 'state'],
  ['projects/-home-me-x/0f0f0f0f-0000-4000-8000-00000000000a/custom-title.json', 'state'],
  ['projects/-home-me-x/0f0f0f0f-0000-4000-8000-00000000000a/auto-mode-classifier-error.txt', 'state'],
  ['projects/-home-me-x/.session-aliases', 'state'],

  ['history.jsonl', 'log'],
  ['projects/-home-me-x/0f0f.jsonl', 'log'],
  ['projects/-home-me-x/0f0f/subagents/agent-a1.jsonl', 'log'],
  ['projects/-home-me-x/0f0f.jsonl.superseded-1763676000000', 'log'],
  ['daemon.log', 'log'],
  ['.automode_decisions.jsonl', 'log'],

  ['debug/0f0f.txt', 'noise'],
  ['cache/changelog.md', 'noise'],
  ['plugins/cache/market/plugin/1.0/README.md', 'noise'],
  ['plugins/store/cc-plugin-agents-md_builtin-b049b47b3618.json', 'noise'],
  ['plugins/marketplaces/market/skills/x/SKILL.md', 'noise'],
  ['plugins/marketplaces/market/.git/HEAD', 'noise'],
  ['image-cache/0f0f/1.png', 'noise'],
  ['paste-cache/abc.txt', 'noise'],
  ['shell-snapshots/snapshot-bash-1.sh', 'noise'],
  ['session-env/0f0f/hook.sh', 'noise'],
  ['statsig/cache.json', 'noise'],
  ['settings.json.tmp.4711', 'noise'],
  ['../.claude.json.tmp.4711.1763676000000', 'noise'],
  ['skills/_index.md.tmp.4711.1763676000000', 'noise'],
  ['skills/.SKILL.md.swp', 'noise'],
  ['skills/SKILL.md~', 'noise'],
  ['history.jsonl.lock/pid', 'noise'],
  ['tasks/abc/.lock', 'noise'],
  ['skills/x/.git/config', 'noise'],
  ['skills/x/node_modules/y/README.md', 'noise'],
  ['.DS_Store', 'noise'],
  ['profiles/work/debug/a.txt', 'noise'],
  ['.last-cleanup', 'noise'],
  ['.last-update-result.json', 'noise'],
  ['.version-cleanup', 'noise'],
  ['.npm-cache-cleanup', 'noise'],
  ['.deep-link-register-failed', 'noise'],
  ['.update.lock', 'noise'],
  ['.storage-write.lock', 'noise'],
  ['.storage-write.lock/pid', 'noise'],
  ['server.lock', 'noise'],
  ['daemon.status.json', 'noise'],
  ['daemon.scheduled.status.json', 'noise'],
  ['gh-pr-status-cache.json', 'noise'],
  ['mcp-needs-auth-cache.json', 'noise'],
  ['stats-cache.json', 'noise'],
  ['plugins/install-counts-cache.json', 'noise'],
  ['profiles/work/.last-cleanup', 'noise'],
  ['projects/-home-me-x/memory/.consolidate-lock', 'noise'],
  ['agent-memory/reviewer/.consolidate-lock', 'noise'],
  ['projects/-home-me-x/0f0f/tool-results/b.txt', 'noise'],
  ['projects/-home-me-x/0f0f/tool-results/b.bin', 'noise'],
  ['projects/-home-me-x/cloud-snapshots/a', 'noise'],
  ['cowork_plugins/cache/m/p/README.md', 'noise'],
  ['cowork_plugins/marketplaces/m/.git/HEAD', 'noise'],
  ['plugins/asset-cache/a', 'noise'],
  ['scratch/notes.md', 'noise'],
  ['startup-perf/0f0f.txt', 'noise'],
  ['logs/0f0f.txt', 'noise'],
  ['api-dumps/a.json', 'noise'],
  ['dump-prompts/a.jsonl', 'noise'],
  ['traces/a.json', 'noise'],
  ['telemetry/1p_failed_events.a.b.json', 'noise'],
  ['mcp-discovery-cache/a.json', 'noise'],
  ['mcp-skill-archives/a.zip', 'noise'],
  ['downloads/a.bin', 'noise'],
  ['file-transfers/a.bin', 'noise'],
  ['chrome/a', 'noise'],
  ['local/node_modules/a.js', 'noise'],
  ['ccr/a', 'noise'],
  ['.cc-writes/a', 'noise'],
  ['settings.json.tmp~0a1b2c3d', 'noise'],
  ['projects/-home-me-x/memory/MEMORY.md.tmp.4711.0a1b2c3d4e5f', 'noise'],
  ['projects/-home-me-x/memory/MEMORY.md.purge.0f0f0f0f-0000-4000-8000-00000000000a.tmp', 'noise'],
  ['projects/-home-me-x/memory/sed0hFAbx', 'noise'],
  ['skills/x/.Makefile.aB3dEf', 'noise'],
  ['skills/.stversions/x/SKILL~20261201-120000.md', 'noise'],
  ['skills/x/.syncthing.SKILL.md.tmp', 'noise'],
  ['skills/x/~syncthing~SKILL.md.tmp', 'noise'],
  ['skills/x/.unison.SKILL.md.0123abcd.unison.tmp', 'noise'],
  ['skills/.dropbox.cache/x.md', 'noise'],
  ['skills/x/.SKILL.md.~1a2b3c4d', 'noise'],
  ['skills/x/SKILL.md.0a1b2c3d.partial', 'noise'],
  ['skills/x/.mutagen-temporary-atomic-write12', 'noise'],
  ['skills/x/.goutputstream-1KXP2A', 'noise'],
  ['skills/x/SKILL.md___jb_tmp___', 'noise'],
  ['skills/x/SKILL.md.vsctmp', 'noise'],
  ['skills/x/SKILL.md.sb-1a2b3c4d-AbC1eF', 'noise'],
  ['skills/x/.~lock.table.ods#', 'noise'],
  ['skills/x/~$plan.docx', 'noise'],
  ['skills/x/.SKILL.md.kate-swp', 'noise'],
  ['plugins/installed_plugins.json.tmp.0b764db3', 'noise'],
  ['projects/-home-me-x/memory/.MEMORY.md.Qx3dEa', 'noise'],
  ['skills/x/.~tmp~/SKILL.md', 'noise'],
  ['skills/x/.rsync-partial/SKILL.md', 'noise'],
  ['skills/x/.syncthing.SKILL.md.tmp', 'noise'],

  ['.credentials.json', 'secret'],
  ['profiles/work/.credentials.json', 'secret'],
  ['ide/4711.lock', 'secret'],
  ['channels/telegram/.env', 'secret'],
  ['skills/x/.env', 'secret'],
  ['skills/x/.env.local', 'secret'],
  ['skills/x/id_ed25519', 'secret'],
  ['hfi-auth.json', 'secret'],
  ['.session_ingress_token', 'secret'],
  ['seed-admin/a/config', 'secret'],
  ['remote-control/fork-seeds/a.json', 'secret'],
  ['remote/run/a', 'secret'],
  ['daemon/auth/a.tokens.json', 'secret'],
  ['daemon/sign-in/a', 'secret'],
  ['sessions/4711.0a1b2c3d.key', 'secret'],
  ['profiles/work/hfi-auth.json', 'secret'],
  // Also in a folder that is noise.
  ['scratch/.env', 'secret'],
  ['projects/-home-me-x/0f0f/tool-results/server.pem', 'secret'],

  // Near misses: what looks like one of them and is not.
  ['skills/debug/SKILL.md', 'authored'],
  ['skills/cache/SKILL.md', 'authored'],
  ['skills/x/.env.example', 'authored'],
  ['skills/x/environment.md', 'authored'],
  ['skills/x/poetry.lock', 'authored'],
  ['skills/x/tmp.md', 'authored'],
  ['skills/scratch/SKILL.md', 'authored'],
  ['skills/remote/SKILL.md', 'authored'],
  ['commands/local/a.md', 'authored'],
  ['routines/nightly/routine.json', 'authored'],
  ['agent-memory-local/reviewer/MEMORY.md', 'authored'],
  ['projects/-home-me-x/memory/tool-results/a.md', 'authored'],
  ['projects/-home-me-x/memory/downloads.md', 'authored'],
  ['projects/-home-me-x/memory/sediments', 'authored'],
  ['skills/x/.config.Readme', 'authored'],
  ['skills/x/.my.gitLab', 'authored'],
  ['skills/x/.SKILL.md.k3j9x2', 'authored'],
  ['skills/x/SKILL.sync-conflict-20261201-120000-ABCDEFG.md', 'authored'],
  ['skills/x/report.partial', 'authored'],
  ['hooks/.bashrc.local.backup', 'authored'],
  ['hooks/.eslint.config', 'authored'],
  ['hooks/last-cleanup', 'authored'],
  ['hooks/pre.status.json', 'authored'],
  ['logs/2026-11-20.md', 'authored'],
  ['profiles/work/skills/x/SKILL.md', 'authored'],
  ['profiles/work/settings.json', 'state'],
];

const inFolder: readonly [string, FileClass][] = [
  ['a.md', 'authored'],
  ['settings.json', 'authored'],
  ['cache/a.md', 'authored'],
  ['debug/a.md', 'authored'],
  ['picture.png', 'authored'],
  ['events.jsonl', 'log'],
  ['server.log', 'log'],
  ['.git/HEAD', 'noise'],
  ['deep/node_modules/x/index.js', 'noise'],
  ['a.md.tmp.1.2', 'noise'],
  ['.a.md.Qx3dEa', 'noise'],
  ['.consolidate-lock', 'noise'],
  ['.last-cleanup', 'authored'],
  ['scratch/a.md', 'authored'],
  ['remote/a.md', 'authored'],
  ['.env', 'secret'],
  ['keys/server.pem', 'secret'],
  ['line\nbreak.md', 'authored'],
  ['bytes\udcff.md', 'authored'],
];

describe('classes', () => {
  const classify = classifier(defaultConfig, root => root === home);
  it.each(inHome)('home: %s is %s', (path, expected) => expect(classify(home, path)).toBe(expected));
  it.each(inFolder)('folder: %j is %s', (path, expected) => expect(classify(folder, path)).toBe(expected));

  it.each([
    ['debug/', 'noise'],
    ['plugins/marketplaces/', 'noise'],
    ['skills/x/.git/', 'noise'],
    ['plugins/marketplaces/market/deep/', 'noise'],
    ['history.jsonl.lock/', 'noise'],
    ['skills/', 'authored'],
    ['plugins/', 'authored'],
    ['ide/', 'authored'],
    ['backups/', 'authored'],
  ])('the folder %s is %s', (path, expected) => expect(classify(home, path)).toBe(expected));
});

describe('the table of a home', () => {
  const isNamed = namedByTable();
  const unnamed = new Set(['something-new/notes.md', 'something-new/data.bin', 'logs/2026-11-20.md']);
  it.each(inHome)('names %s, or it is a guess', path => expect(isNamed(path)).toBe(!unnamed.has(path)));

  it.each([
    // What ends like a text of a person or like a log is kept, and is a guess all the same.
    ['brand-new.json', false],
    ['brand-new/state.json', false],
    ['brand-new/events.jsonl', false],
    ['brand-new/out.log', false],
    ['projects/-home-me-x/brand-new/a', false],
    ['projects/-home-me-x/brand-new.json', false],
    ['debug/deep/brand-new.json', true],
    ['brand-new/.DS_Store', true],
    ['brand-new/.env', true],
  ])('%s: %s', (path, expected) => expect(isNamed(path)).toBe(expected));
});

describe('what the configuration says of classes', () => {
  const asked = (config: Partial<Config>, path: string) =>
    classifier({ ...defaultConfig, ...config }, () => true)(home, path);

  it('ignores files, folders and all below', () => {
    expect(asked({ ignore: ['skills/big/'] }, 'skills/big/')).toBe('noise');
    expect(asked({ ignore: ['skills/big'] }, 'skills/big/deep/a.md')).toBe('noise');
    expect(asked({ ignore: ['**/*.png'] }, 'skills/x/a.png')).toBe('noise');
    expect(asked({ ignore: ['skills/big'] }, 'skills/bigger/a.md')).toBe('authored');
  });

  it('overrides the built-in classes, the first that fits', () => {
    const classes = [
      { glob: 'plugins/marketplaces/mine/**', class: 'authored' as const },
      { glob: 'plans/**', class: 'authored' as const },
      { glob: 'plans/**', class: 'log' as const },
    ];
    expect(asked({ classes }, 'plans/a.md')).toBe('authored');
    expect(asked({ classes: [{ glob: 'debug/**', class: 'log' }] }, 'debug/a.txt')).toBe('log');
  });

  it('leaves transcripts out where only their evidence is wanted, and says itself what to keep all the same', () => {
    const only = { ...defaultConfig, transcripts: 'evidence' } as const;
    const paths = ['projects/p/a.jsonl', 'projects/p/a/subagents/agent-b.jsonl', 'profiles/x/projects/p/a.jsonl'];
    const classify = classifier(only, () => true);
    expect(paths.map(path => classify(home, path))).toEqual(['noise', 'noise', 'noise']);
    expect(classify(home, 'history.jsonl')).toBe('log');
    expect(classify(home, 'projects/p/memory/MEMORY.md')).toBe('authored');
    expect(classifier(only, () => false)(home, paths[0]!)).toBe('log');
    const but = { ...only, classes: [{ glob: 'projects/p/a.jsonl', class: 'log' }] } as const;
    expect(classifier(but, () => true)(home, paths[0]!)).toBe('log');
  });

  it('adds secrets, and takes none away', () => {
    expect(asked({ classes: [{ glob: 'tokens.json', class: 'secret' }] }, 'tokens.json')).toBe('secret');
    expect(asked({ classes: [{ glob: '**', class: 'authored' }] }, '.credentials.json')).toBe('secret');
    expect(asked({ ignore: ['**'] }, '.credentials.json')).toBe('secret');
  });
});

describe('a home of Claude Code is known by', () => {
  const made = (files: readonly string[], name = 'x'): boolean => {
    const base = mkdtempSync(join(tmpdir(), 'undertext-home-'));
    try {
      const path = join(base, name);
      mkdirSync(path);
      for (const file of files) {
        if (file.endsWith('/')) mkdirSync(join(path, file));
        else writeFileSync(join(path, file), '');
      }
      return looksLikeClaudeHome({ name: 'x', path, beside: [] });
    } finally {
      rmSync(base, { recursive: true });
    }
  };

  it.each([
    ['its name', [], '.claude', true],
    ['projects and settings', ['projects/', 'settings.json'], 'x', true],
    ['settings and CLAUDE.md', ['CLAUDE.md', 'settings.json'], 'x', true],
    ['not by a CLAUDE.md alone, which repositories have', ['CLAUDE.md'], 'x', false],
    ['not by a folder named projects alone', ['projects/'], 'x', false],
    ['not by nothing', [], 'x', false],
  ])('%s', (_, files, name, expected) => expect(made(files, name)).toBe(expected));
});

it.each([
  ['.notes.md.k3j9x2', 'noise'],
  ['.other.md.k3j9x2', 'authored'],
  ['.notes.md.backup', 'authored'],
  ['.notes.md.sha256', 'authored'],
  ['.notes.md.part01', 'authored'],
  ['.notes.md.261201', 'authored'],
] as const)('beside a file `notes.md`, `%s` is %s', (name, expected) => {
  const path = mkdtempSync(join(tmpdir(), 'undertext-test-'));
  try {
    writeFileSync(join(path, 'notes.md'), 'one');
    expect(classifier(defaultConfig)({ name: 'root', path, beside: [] }, name)).toBe(expected);
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
});

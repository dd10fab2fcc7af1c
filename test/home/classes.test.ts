import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { classifier, looksLikeClaudeHome } from '../../src/home/classes.ts';
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
  ['projects/-home-me-x/0f0f/tool-results/b.bin', 'state'],
  ['something-new/data.bin', 'state'],

  ['history.jsonl', 'log'],
  ['projects/-home-me-x/0f0f.jsonl', 'log'],
  ['projects/-home-me-x/0f0f/subagents/agent-a1.jsonl', 'log'],
  ['daemon.log', 'log'],

  ['debug/0f0f.txt', 'noise'],
  ['cache/changelog.md', 'noise'],
  ['plugins/cache/market/plugin/1.0/README.md', 'noise'],
  ['plugins/store/cc-plugin-agents-md_builtin-b049b47b3618.json', 'noise'],
  ['plugins/store/mine.json', 'state'],
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

  ['.credentials.json', 'secret'],
  ['profiles/work/.credentials.json', 'secret'],
  ['ide/4711.lock', 'secret'],
  ['channels/telegram/.env', 'secret'],
  ['skills/x/.env', 'secret'],
  ['skills/x/.env.local', 'secret'],
  ['skills/x/id_ed25519', 'secret'],

  // Near misses: what looks like one of them and is not.
  ['skills/debug/SKILL.md', 'authored'],
  ['skills/cache/SKILL.md', 'authored'],
  ['skills/x/.env.example', 'authored'],
  ['skills/x/environment.md', 'authored'],
  ['skills/x/poetry.lock', 'authored'],
  ['skills/x/tmp.md', 'authored'],
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

import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defaultConfig } from '../../src/home/config.ts';
import { configPlace, storePlace } from '../../src/home/places.ts';
import { locate, type RootsInput, resolveRoots } from '../../src/home/roots.ts';

let base = '';
beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'undertext-roots-')));
  for (const path of ['home/.claude/skills', 'home/notes', 'other/.claude', 'a/notes'])
    mkdirSync(join(base, path), { recursive: true });
  writeFileSync(join(base, 'home/.claude.json'), '{}');
  writeFileSync(join(base, 'home/file.md'), '');
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const rootsOf = (input: Partial<RootsInput>) =>
  resolveRoots({
    given: [],
    config: defaultConfig,
    env: {},
    home: join(base, 'home'),
    cwd: join(base, 'home'),
    ...input,
  }).map(({ name, path, beside }) => [name, path.slice(base.length + 1), ...beside]);

describe('roots', () => {
  it('~/.claude with the file beside it', () =>
    expect(rootsOf({})).toEqual([['claude', 'home/.claude', '../.claude.json']]));

  it('$CLAUDE_CONFIG_DIR, which holds its own .claude.json', () =>
    expect(rootsOf({ env: { CLAUDE_CONFIG_DIR: join(base, 'a/notes') } })).toEqual([['claude', 'a/notes']]));

  it('what --root says goes before all else', () =>
    expect(
      rootsOf({
        given: ['notes', '~/.claude', join(base, 'other/.claude')],
        env: { CLAUDE_CONFIG_DIR: '/x' },
        config: { ...defaultConfig, roots: [{ path: '/y' }] },
      }),
    ).toEqual([
      ['notes', 'home/notes'],
      ['claude', 'home/.claude', '../.claude.json'],
      ['claude-2', 'other/.claude'],
    ]));

  it('of the configuration, with their names', () =>
    expect(
      rootsOf({
        config: { ...defaultConfig, roots: [{ path: '~/notes', name: 'mine' }, { path: join(base, 'a/notes') }] },
      }),
    ).toEqual([
      ['mine', 'home/notes'],
      ['notes', 'a/notes'],
    ]));

  it('one that is missing is allowed', () =>
    expect(rootsOf({ given: ['nowhere'] })).toEqual([['nowhere', 'home/nowhere']]));

  it('the same folder twice is one root, also through a link', () => {
    symlinkSync(join(base, 'home/notes'), join(base, 'link'));
    expect(rootsOf({ given: ['notes', './notes/', join(base, 'link')] })).toEqual([['notes', 'home/notes']]);
  });

  it.each([
    ['a file', ['file.md'], /file\.md is not a folder/],
    ['below a file', ['file.md/x'], /a part of its path is a file/],
    ['inside another', ['.', 'notes'], /lies inside .*home, which is a root already/],
  ])('refused: %s', (_, given, message) => expect(() => rootsOf({ given })).toThrow(message));
});

describe('where a typed path lies', () => {
  const roots = () => resolveRoots({ given: [], config: defaultConfig, env: {}, home: join(base, 'home'), cwd: base });
  const at = (argument: string, cwd = 'home') => locate(argument, roots(), join(base, cwd))?.path ?? null;

  it.each([
    ['relative to the root', 'skills/_index.md', 'home', 'skills/_index.md'],
    ['relative to the folder one is in', '_index.md', 'home/.claude/skills', 'skills/_index.md'],
    ['the file beside', '.claude.json', 'home', '../.claude.json'],
    ['a file that is gone', '.claude/gone.md', 'home', 'gone.md'],
    ['outside of every root', '../a/notes/x.md', 'home', null],
    ['beside, but not ours', '../file.md', 'home/.claude', null],
  ])('%s', (_, argument, cwd, expected) => expect(at(argument, cwd)).toBe(expected));

  it('absolute', () => expect(at(join(base, 'home/.claude/a.md'))).toBe('a.md'));

  it('through a link to the root', () => {
    symlinkSync(join(base, 'home/.claude'), join(base, 'link'));
    expect(at(join(base, 'link/skills/x.md'))).toBe('skills/x.md');
  });

  it('what exists goes before what does not', () => {
    writeFileSync(join(base, 'home/.claude/skills/a.md'), '');
    expect(at('skills/a.md', 'home/.claude/skills')).toBe('skills/a.md');
  });
});

describe('places', () => {
  it.each([
    ['$UNDERTEXT_STORE', { UNDERTEXT_STORE: '/x' }, 'linux', '/x', '/h/.config/undertext/config.json'],
    ['Linux', {}, 'linux', '/h/.local/share/undertext', '/h/.config/undertext/config.json'],
    ['XDG', { XDG_DATA_HOME: '/d', XDG_CONFIG_HOME: '/c' }, 'linux', '/d/undertext', '/c/undertext/config.json'],
    [
      'macOS',
      {},
      'darwin',
      '/h/Library/Application Support/undertext',
      '/h/Library/Application Support/undertext/config.json',
    ],
    [
      'Windows',
      { LOCALAPPDATA: 'C:\\L', APPDATA: 'C:\\R' },
      'win32',
      'C:\\L\\undertext',
      'C:\\R\\undertext\\config.json',
    ],
  ])('%s', (_, env, platform, store, config) => {
    expect(storePlace(env, platform, '/h')).toBe(store);
    expect(configPlace(env, platform, '/h')).toBe(config);
  });
});

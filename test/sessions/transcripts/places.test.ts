/** Which file a spelled path means: caught beside quiet. */
import { describe, expect, it } from 'vitest';
import { everyPlace, placesOf, type RootLook } from '../../../src/sessions/transcripts/places.ts';

const claude: RootLook = {
  root: { name: 'claude', path: '/home/me/.claude', beside: ['../.claude.json'] },
  real: '/disk/me/.claude',
  projects: new Set(['-home-me-app', 'D--work-app']),
  has: path => path === 'skills/_index.md',
  isHere: () => false,
};
const notes: RootLook = {
  ...claude,
  root: { name: 'notes', path: '/srv/notes', beside: [] },
  real: '/srv/notes',
  projects: new Set(),
};

const found = (looks: readonly RootLook[], spelled: string, cwd: string | null, home = 'claude') => {
  const place = placesOf(looks).find(spelled, { home, cwd });
  return place === null ? null : `${place.root}:${place.path}`;
};

describe('a root that stands where it stood', () => {
  it.each([
    ['/home/me/.claude/CLAUDE.md', '/w', 'claude:CLAUDE.md'],
    ['/disk/me/.claude/CLAUDE.md', '/w', 'claude:CLAUDE.md'],
    ['/home/me/./x/../.claude//skills/a.md', '/w', 'claude:skills/a.md'],
    ['~/.claude/CLAUDE.md', '/w', 'claude:CLAUDE.md'],
    ['$HOME/.claude/CLAUDE.md', '/w', 'claude:CLAUDE.md'],
    [`$\{HOME}/.claude/CLAUDE.md`, null, 'claude:CLAUDE.md'],
    ['../.claude/CLAUDE.md', '/home/me/app', 'claude:CLAUDE.md'],
    ['.claude/CLAUDE.md', '/home/me', 'claude:CLAUDE.md'],
    ['skills/a.md', '/home/me/.claude', 'claude:skills/a.md'],
    ['/home/me/.claude.json', '/w', 'claude:../.claude.json'],
    ['~/.claude.json', '/w', 'claude:../.claude.json'],
    ['/srv/notes/a.md', '/w', 'notes:a.md'],
  ])('caught: %s from %s', (spelled, cwd, place) => {
    expect(found([claude, notes], spelled, cwd)).toBe(place);
  });

  it.each([
    ['/home/me/app/.claude/skills/a.md', '/home/me/app'],
    ['.claude/skills/a.md', '/home/me/app'],
    ['/home/me/.claude-old/CLAUDE.md', '/w'],
    ['/home/me/.claude', '/w'],
    ['/home/me/.bashrc', '/w'],
    ['/home/me/other.json', '/w'],
    ['~/notes/a.md', '/w'],
    ['skills/a.md', null],
    ['', '/home/me/.claude'],
  ])('quiet: %s from %s', (spelled, cwd) => {
    expect(found([claude, notes], spelled, cwd)).toBeNull();
  });
});

describe('a home that was moved, copied, or came from another machine', () => {
  it.each([
    [
      'it names one of our projects',
      '/mnt/old/.claude/projects/-home-me-app/memory/a.md',
      '/x',
      'claude:projects/-home-me-app/memory/a.md',
    ],
    ['a plain home, and who works there', '/home/you/.claude/skills/a.md', '/home/you/src', 'claude:skills/a.md'],
    ['on a Mac', '/Users/you/.claude/CLAUDE.md', '/Users/you/src', 'claude:CLAUDE.md'],
    ['of the superuser', '/root/.claude/CLAUDE.md', '/root/src', 'claude:CLAUDE.md'],
    ['on Windows', 'C:\\Users\\You\\.claude\\skills\\a.md', 'c:\\users\\you\\src', 'claude:skills/a.md'],
    ['on Windows, with /', 'C:/Users/You/.claude/skills/a.md', 'C:\\Users\\You', 'claude:skills/a.md'],
    [
      'on Windows, folded',
      'c:\\users\\you\\.CLAUDE\\projects\\d--Work-app\\memory\\a.md',
      null,
      'claude:projects/D--work-app/memory/a.md',
    ],
    ['in a shell of Windows', '/c/Users/You/.claude/skills/a.md', 'C:\\Users\\You\\src', 'claude:skills/a.md'],
    ['what stands beside it', '/home/you/.claude.json', '/home/you/src', 'claude:../.claude.json'],
  ])('caught: %s', (_, spelled, cwd, place) => {
    expect(found([claude], spelled, cwd)).toBe(place);
  });

  it.each([
    ["a project's own folder", '/work/app/.claude/skills/_index.md', '/work/app'],
    ["a project's own folder, from below", '/work/app/.claude/skills/_index.md', '/work/app/src'],
    ['a worktree below it', '/work/app/.claude/skills/_index.md', '/work/app/.claude/worktrees/x'],
    ['a project that is none of ours', '/mnt/old/.claude/projects/-other/memory/a.md', '/x'],
    ["somebody else's home", '/home/you/.claude/CLAUDE.md', '/home/me/src'],
    ['another name', '/mnt/old/.config/projects/-home-me-app/a.md', '/x'],
    ['nobody knows from where', '/home/you/.claude/CLAUDE.md', null],
  ])('quiet: %s', (_, spelled, cwd) => {
    expect(found([claude], spelled, cwd)).toBeNull();
  });

  it('a recorded home: all its projects lie below its folder, and it is not here', () => {
    const lab: RootLook = { ...claude, projects: new Set(['-lab-7-proj', '-lab-7-other']) };
    expect(found([lab], '/lab/7/.claude/skills/_index.md', '/lab/7/proj')).toBe('claude:skills/_index.md');
    expect(found([lab], '/lab/7/.claude/skills/unknown.md', '/lab/7/proj')).toBeNull();
    expect(
      found(
        [{ ...lab, projects: new Set(['-lab-7-proj', '-elsewhere']) }],
        '/lab/7/.claude/skills/_index.md',
        '/lab/7/proj',
      ),
    ).toBeNull();
    expect(
      found([{ ...lab, isHere: path => path === '/lab/7/.claude' }], '/lab/7/.claude/skills/_index.md', '/lab/7/proj'),
    ).toBeNull();
    expect(found([{ ...lab, isHere: () => true }], '/lab/7/.claude/skills/_index.md', '/lab/7/proj')).toBe(
      'claude:skills/_index.md',
    );
  });

  it('a copy that is called otherwise', () => {
    const copy: RootLook = {
      ...claude,
      root: { name: 'claude', path: '/mnt/copy-of-home', beside: [] },
      real: '/mnt/copy-of-home',
    };
    const memory = '/home/you/.claude/projects/-home-me-app/memory/a.md';
    expect(found([copy], memory, '/x')).toBe('claude:projects/-home-me-app/memory/a.md');
    expect(found([{ ...copy, isHere: path => path === '/home/you/.claude' }], memory, '/x')).toBeNull();
    expect(found([notes], memory, '/home/you', 'notes')).toBeNull();
  });

  it('once believed, it is known, and can be believed again', () => {
    const places = placesOf([claude]);
    const at = { home: 'claude', cwd: '/x' };
    expect(places.find('/mnt/old/.claude/CLAUDE.md', at)).toBeNull();
    places.find('/mnt/old/.claude/projects/-home-me-app/memory/a.md', at);
    expect(places.find('/mnt/old/.claude/CLAUDE.md', at)).toEqual({ root: 'claude', path: 'CLAUDE.md' });
    expect(places.formers('claude')).toEqual(['/mnt/old/.claude']);
    const later = placesOf([claude]);
    later.believe('claude', places.formers('claude'));
    expect(later.find('/mnt/old/.claude/CLAUDE.md', at)).toEqual({ root: 'claude', path: 'CLAUDE.md' });
  });
});

it('what nobody may have acts of is no place', () => {
  const careful = { ...claude, isOurs: (path: string) => !path.endsWith('.credentials.json') };
  expect(found([careful], '~/.claude/.credentials.json', '/w')).toBeNull();
  expect(found([careful], '~/.claude/CLAUDE.md', '/w')).toBe('claude:CLAUDE.md');
});

it('every path is a place, where that is asked for', () => {
  const places = everyPlace('all');
  expect(places.find('C:\\X\\a.md', { home: 'h', cwd: null })).toEqual({ root: 'all', path: 'c:/x/a.md' });
  expect(places.find('a.md', { home: 'h', cwd: '/w' })).toEqual({ root: 'all', path: '/w/a.md' });
});

/** Which file or folder a person means by a name, or by the end of a path. */
import { describe, expect, it } from 'vitest';
import { matchName } from '../../src/history/match-name.ts';

const files = [
  'CLAUDE.md',
  'skills/_index.md',
  'skills/pdf/SKILL.md',
  'skills/cite/SKILL.md',
  'projects/p1/memory/MEMORY.md',
  'projects/p1/memory/architecture.md',
  'projects/p2/memory/MEMORY.md',
  'notes/Cafe\u0301.md',
  'notes/claude.md',
].map(path => ({ root: 'claude', path }));

function told(typed: string, wants: 'file' | 'any' = 'any'): string {
  const match = matchName(typed, files, wants);
  if (match.kind === 'none') return `none, near ${match.near.map(({ path }) => path).join(' ')}`.trim();
  if (match.kind === 'several') return `several: ${match.among.map(({ path }) => path).join(' ')}`;
  return `${match.kind} ${match.at.path}`;
}

describe('a name', () => {
  it.each([
    ['a whole path', 'CLAUDE.md', 'file CLAUDE.md'],
    ['a whole path goes before other capitals', 'notes/claude.md', 'file notes/claude.md'],
    ['its last part', '_index.md', 'file skills/_index.md'],
    ['its last parts', 'pdf/SKILL.md', 'file skills/pdf/SKILL.md'],
    ['with a dot before', './CLAUDE.md', 'file CLAUDE.md'],
    ['of several', 'SKILL.md', 'several: skills/pdf/SKILL.md skills/cite/SKILL.md'],
    ['in other capitals', 'ARCHITECTURE.md', 'file projects/p1/memory/architecture.md'],
    ['composed, where the disk has it decomposed', 'Café.md', 'file notes/Cafe\u0301.md'],
    ['of a folder', 'pdf', 'folder skills/pdf'],
    ['of a folder, with its slash', 'notes/', 'folder notes'],
    ['of several folders', 'memory', 'several: projects/p1/memory projects/p2/memory'],
    ['part of a name is not enough', 'index.md', 'none, near skills/_index.md'],
    ['mistyped', 'MEMROY.md', 'none, near projects/p1/memory/MEMORY.md projects/p2/memory/MEMORY.md'],
    ['that nothing resembles', 'zzz.md', 'none, near'],
    ['of nothing', '', 'none, near'],
  ])('%s: %s', (_, typed, answer) => expect(told(typed)).toBe(answer));

  it('of a folder is no name of a file', () => expect(told('pdf', 'file')).toMatch(/^none/));
});

/** The table of who may import whom. `src/README.md` explains it; this is the guard. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative, sep } from 'node:path';
import { describe, expect, it } from 'vitest';

const home = join(import.meta.dirname, '..');

/** Part → the parts of ours it may import. A part may always import itself. */
const mayImport: Record<string, readonly string[]> = {
  model: [],
  errors: [],
  names: ['model'],
  nearest: [],
  moments: ['model'],
  rule: ['model', 'moments'],
  documents: ['model', 'errors'],
  home: ['model', 'errors', 'nearest'],
  store: ['model', 'errors'],
  watch: ['model', 'errors', 'names', 'home', 'store/store.ts'],
  history: ['model', 'errors', 'nearest', 'store/store.ts'],
  sessions: ['model', 'errors', 'store/store.ts'],
  audit: ['model', 'errors', 'nearest', 'moments', 'rule', 'documents', 'history'],
  restore: ['model', 'errors', 'names', 'documents', 'store/store.ts'],
  report: ['model', 'moments'],
  schedule: ['model', 'errors'],
  stories: ['model', 'errors', 'rule', 'home', 'history', 'audit'],
  commands: [
    'model',
    'errors',
    'names',
    'nearest',
    'moments',
    'rule',
    'documents',
    'home',
    'store',
    'watch',
    'history',
    'sessions',
    'audit',
    'restore',
    'report',
    'schedule',
    'stories',
  ],
  cli: ['commands', 'errors', 'nearest'],
  rules: ['rule'],
  bin: ['cli', 'rules/index.ts'],
};

/** Library → the only file (or the only folder) that may import it. */
const doors: Record<string, string> = {
  'isomorphic-git': 'src/store/check/second-opinion.ts',
  chokidar: 'src/watch/chokidar-source.ts',
  kleur: 'src/report/style.ts',
  'cli-table3': 'src/report/table.ts',
  diff: 'src/documents/',
  'node-diff3': 'src/documents/',
  yaml: 'src/documents/',
  'toml-eslint-parser': 'src/documents/toml.ts',
  'mdast-util-from-markdown': 'src/documents/',
  'mdast-util-gfm-table': 'src/documents/',
  'micromark-extension-gfm-table': 'src/documents/',
};

/** Where `process` may be named: the entry, and the lock, which must know whether a pid lives. */
const mayNameProcess = /^(bin\/|src\/store\/lock\.ts$)/;

interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly imports: readonly string[];
}

function sourceFiles(): readonly SourceFile[] {
  return ['bin', 'rules', 'src'].flatMap(folder =>
    readdirSync(join(home, folder), { recursive: true, encoding: 'utf8' })
      .filter(name => name.endsWith('.ts'))
      .map(name => {
        const path = join(folder, name).split(sep).join('/');
        const text = readFileSync(join(home, path), 'utf8');
        const imports = [...text.matchAll(/(?:\bfrom\s+|\bimport\s+|\bimport\()\s*'([^']+)'/g)].map(match => match[1]!);
        return { path, text, imports };
      }),
  );
}

/** `src/store/git.ts` → `store`; `src/model.ts` → `model`; `rules/x.ts` → `rules`. */
function partOf(path: string): string {
  const [first = '', second = ''] = path.split('/');
  return (first === 'src' ? second : first).replace(/\.ts$/, '');
}

function target(file: SourceFile, specifier: string): string {
  return relative(home, normalize(join(home, dirname(file.path), specifier)))
    .split(sep)
    .join('/');
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
}

const files = sourceFiles();

describe('the house', () => {
  it('is found at all', () => {
    expect(files.length).toBeGreaterThan(20);
  });

  it.each(files.map(file => [file.path, file] as const))('%s imports only what its part may', (_, file) => {
    const part = partOf(file.path);
    const allowed = mayImport[part];
    expect(allowed, `no row in the table for ${part}`).toBeDefined();
    const wrong = file.imports
      .filter(specifier => specifier.startsWith('.'))
      .map(specifier => target(file, specifier))
      .filter(path => partOf(path) !== part)
      .filter(path => !allowed!.some(door => path === `src/${door}` || path === door || partOf(path) === door));
    expect(wrong).toEqual([]);
  });

  it.each(files.map(file => [file.path, file] as const))('%s goes through the doors', (_, file) => {
    const libraries = file.imports.filter(name => !name.startsWith('.') && !name.startsWith('node:'));
    const wrong = libraries.filter(name => doors[name] !== undefined && !file.path.startsWith(doors[name]!));
    expect(wrong).toEqual([]);
    const text = withoutComments(file.text);
    expect(/\bconsole\b/.test(text), 'console').toBe(false);
    if (!mayNameProcess.test(file.path)) expect(/\bprocess\.|node:process/.test(text), 'process').toBe(false);
  });

  it('each library is let in by one file', () => {
    const users = new Map<string, string[]>();
    for (const file of files) {
      for (const name of file.imports.filter(name => doors[name] !== undefined)) {
        users.set(name, [...(users.get(name) ?? []), file.path]);
      }
    }
    expect([...users].filter(([, paths]) => paths.length > 1)).toEqual([]);
  });

  it('has no import cycles, type imports included', () => {
    const graph = new Map(
      files.map(file => [file.path, file.imports.filter(s => s.startsWith('.')).map(s => target(file, s))]),
    );
    const done = new Set<string>();
    const visit = (path: string, trail: readonly string[]): readonly string[] | null => {
      if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path];
      if (done.has(path)) return null;
      for (const next of graph.get(path) ?? []) {
        const cycle = visit(next, [...trail, path]);
        if (cycle) return cycle;
      }
      done.add(path);
      return null;
    };
    for (const path of graph.keys()) expect(visit(path, [])).toBeNull();
  });
});

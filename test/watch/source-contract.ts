/** What every source of events must do, whichever way it hears. */
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Root } from '../../src/model.ts';
import type { EventSource, SourceOptions } from '../../src/watch/events.ts';
import { cleanUp, onCleanUp, rootAt, temporaryFolder } from './observer.ts';

interface Heard {
  readonly root: Root;
  readonly source: EventSource;
  readonly touched: Set<string>;
  put(path: string, text: string): void;
  at(path: string): string;
  /** Resolves once the path was told (again). */
  told(path: string): Promise<void>;
  forget(): void;
}

export function sourceContract(name: string, make: (options: SourceOptions) => EventSource): void {
  const begin = async (prepare: (root: Root) => void = () => {}): Promise<Heard> => {
    const root = rootAt(temporaryFolder());
    prepare(root);
    const touched = new Set<string>();
    let wake = () => {};
    const tell = (path: string) => {
      touched.add(path);
      wake();
    };
    const source = make({
      listener: {
        touched: (_, path) => tell(path),
        folderGone: (_, path) => tell(`${path}/ is gone`),
        unreadable: () => {},
        readable: () => {},
        unwatchable: () => {},
        rootMoved: () => tell('the root moved'),
      },
      enters: (_, path) => !path.endsWith('node_modules'),
      isNoise: (_, path) => path.endsWith('.tmp'),
    });
    onCleanUp(() => source.close());
    await source.start([root]);
    const at = (path: string) => join(root.path, path);
    return {
      root,
      source,
      touched,
      at,
      put: (path, text) => {
        mkdirSync(dirname(at(path)), { recursive: true });
        writeFileSync(at(path), text);
      },
      told: path =>
        new Promise<void>(resolve => {
          wake = () => {
            if (touched.has(path)) resolve();
          };
          wake();
        }),
      forget: () => touched.clear(),
    };
  };

  describe(`${name} tells`, () => {
    afterEach(cleanUp);

    it('a new file', async () => {
      const { put, told } = await begin();
      put('a.md', 'one');
      await told('a.md');
    });

    it('a file that is written in place, made anew by rename, and deleted', async () => {
      const { put, at, told, forget } = await begin(root => writeFileSync(join(root.path, 'a.md'), 'one'));
      put('a.md', 'two, and longer');
      await told('a.md');
      forget();
      put('b.md', 'three, and longer than that');
      await told('b.md');
      renameSync(at('b.md'), at('a.md'));
      await told('a.md');
      forget();
      rmSync(at('a.md'));
      await told('a.md');
    });

    it('files made at once in new nested folders, and what is written to them later', async () => {
      const { put, told, forget } = await begin();
      for (let index = 0; index < 30; index++) put(`x${index % 3}/y${index % 5}/z/file-${index}.md`, 'one');
      for (let index = 0; index < 30; index++) await told(`x${index % 3}/y${index % 5}/z/file-${index}.md`);
      forget();
      put('x1/y1/z/file-1.md', 'two, and longer');
      await told('x1/y1/z/file-1.md');
    });

    it('a folder that is moved, under its new name', async () => {
      const { put, at, told, forget } = await begin(root => {
        mkdirSync(join(root.path, 'old/deep'), { recursive: true });
        writeFileSync(join(root.path, 'old/deep/a.md'), 'one');
      });
      renameSync(at('old'), at('new'));
      await told('new/deep/a.md');
      forget();
      put('new/deep/a.md', 'two, and longer');
      await told('new/deep/a.md');
    });

    it('a folder that is deleted, and made again', async () => {
      const { put, at, told, forget } = await begin(root => {
        mkdirSync(join(root.path, 'x'));
        writeFileSync(join(root.path, 'x/a.md'), 'one');
      });
      rmSync(at('x'), { recursive: true });
      await told('x/ is gone');
      forget();
      put('x/a.md', 'two');
      await told('x/a.md');
      forget();
      put('x/a.md', 'three, and longer');
      await told('x/a.md');
    });

    it('a link, without following it', async () => {
      const { at, told, touched, put } = await begin();
      symlinkSync('.', at('loop'));
      symlinkSync('nowhere', at('dangling'));
      await told('dangling');
      put('a.md', 'one');
      await told('a.md');
      expect([...touched].filter(path => path.startsWith('loop/'))).toEqual([]);
    });

    it('nothing of folders that are not entered', async () => {
      const { put, told, touched } = await begin(root => mkdirSync(join(root.path, 'node_modules')));
      put('node_modules/x.md', 'one');
      put('a.md', 'one');
      await told('a.md');
      expect([...touched].filter(path => path.startsWith('node_modules/'))).toEqual([]);
    });

    it('nothing after it was closed, however often', async () => {
      const { put, source, touched } = await begin();
      await source.close();
      await source.close();
      put('a.md', 'one');
      await new Promise(resolve => setImmediate(resolve));
      expect([...touched]).toEqual([]);
    });
  });
}

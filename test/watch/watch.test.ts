import { appendFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { cleanUp, observer } from './observer.ts';

afterEach(cleanUp);

describe('a watched folder', () => {
  it('a file that is there at the start, and is written to', async () => {
    const { root, untilText, settledTexts } = await observer();
    writeFileSync(join(root.path, 'a.md'), 'one');
    await untilText('a.md', 'one');
    writeFileSync(join(root.path, 'a.md'), 'two');
    await untilText('a.md', 'two');
    appendFileSync(join(root.path, 'a.md'), ' and more');
    await untilText('a.md', 'two and more');
    writeFileSync(join(root.path, 'b.md'), 'three');
    renameSync(join(root.path, 'b.md'), join(root.path, 'a.md'));
    await untilText('a.md', 'three');
    rmSync(join(root.path, 'a.md'));
    await untilText('a.md', null);
    expect(await settledTexts('a.md')).toEqual(['one', 'two', 'two and more', 'three', null]);
  });

  it('a new nested folder with files made at once', async () => {
    const { root, untilText } = await observer();
    mkdirSync(join(root.path, 'x/y/z'), { recursive: true });
    writeFileSync(join(root.path, 'x/y/z/deep.md'), 'deep');
    await untilText('x/y/z/deep.md', 'deep');
    writeFileSync(join(root.path, 'x/y/z/deep.md'), 'deeper');
    await untilText('x/y/z/deep.md', 'deeper');
  });
});

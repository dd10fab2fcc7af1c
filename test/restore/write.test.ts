/** The moment of writing: who comes in between is never overwritten. */
import { spawn } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { UndertextError } from '../../src/errors.ts';
import { change } from '../../src/restore/write.ts';
import { place, temporaryFolder } from './place.ts';

const old = Buffer.from('old\n');
const ours = Buffer.from('ours\n');

function file(text: string | null = 'old\n'): string {
  const target = join(temporaryFolder(), 'notes.md');
  if (text !== null) writeFileSync(target, text);
  return target;
}

const code = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: UndertextError) => error.code,
  );
const text = (target: string) => (existsSync(target) ? readFileSync(target, 'utf8') : null);
/** What another process does, and does not do again. */
function once(act: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) act();
    isDone = true;
  };
}

const names = (target: string) => readdirSync(join(target, '..'));

describe('a write between the last look and the rename', () => {
  it('in place is put back, and the plan is made again', async () => {
    const target = file();
    const afterLook = () => writeFileSync(target, 'newer\n');
    expect(await code(change({ target, present: old, bytes: ours, mode: 0o644, afterLook }))).toBe('moved');
    expect(text(target)).toBe('newer\n');
    expect(names(target)).toEqual(['notes.md']);
  });

  it('by a writer who has the file open goes on in the file that stands there', async () => {
    const target = file();
    let handle = 0;
    const afterLook = () => {
      handle = openSync(target, 'r+');
      writeSync(handle, 'new');
    };
    expect(await code(change({ target, present: old, bytes: ours, mode: 0o644, afterLook }))).toBe('moved');
    writeSync(handle, 'er and newer\n');
    closeSync(handle);
    expect(text(target)).toBe('newer and newer\n');
  });

  it('into the old file and then into the new one keeps what came last', async () => {
    const target = file();
    const afterLook = () => writeFileSync(target, 'newer\n');
    const linger = once(() => writeFileSync(target, 'newest\n'));
    expect(await code(change({ target, present: old, bytes: ours, mode: 0o644, afterLook, linger }))).toBe('moved');
    expect(text(target)).toBe('newest\n');
    expect(names(target)).toEqual(['notes.md']);
  });

  it('by a writer who renames his own file there keeps that file', async () => {
    const target = file();
    const afterLook = () => writeFileSync(target, 'newer\n');
    const linger = once(() => {
      writeFileSync(`${target}.his`, 'newest\n');
      renameSync(`${target}.his`, target);
    });
    expect(await code(change({ target, present: old, bytes: ours, mode: 0o644, afterLook, linger }))).toBe('moved');
    expect(text(target)).toBe('newest\n');
    expect(names(target)).toEqual(['notes.md']);
  });

  it('to a file that is to be removed keeps the file', async () => {
    const target = file();
    const afterLook = () => writeFileSync(target, 'newer\n');
    expect(await code(change({ target, present: old, bytes: null, mode: 0o644, afterLook }))).toBe('moved');
    expect(text(target)).toBe('newer\n');
    expect(names(target)).toEqual(['notes.md']);
  });

  it('where there was no file keeps the file', async () => {
    const target = file(null);
    const afterLook = () => writeFileSync(target, 'newer\n');
    expect(await code(change({ target, present: null, bytes: ours, mode: 0o644, afterLook }))).toBe('moved');
    expect(text(target)).toBe('newer\n');
    expect(names(target)).toEqual(['notes.md']);
  });
});

describe('a write', () => {
  it.each([0o600, 0o644, 0o755, 0o440])('keeps the mode %o', async mode => {
    const target = file();
    chmodSync(target, mode);
    await change({ target, present: old, bytes: ours, mode });
    expect(statSync(target).mode & 0o7777).toBe(mode);
    expect(text(target)).toBe('ours\n');
  });

  it('of a file with the longest possible name', async () => {
    const target = join(temporaryFolder(), 'é'.repeat(127));
    await change({ target, present: null, bytes: ours, mode: 0o644 });
    expect(text(target)).toBe('ours\n');
  });

  it('removes a file that is what it should be', async () => {
    const target = file();
    await change({ target, present: old, bytes: null, mode: 0 });
    expect(names(target)).toEqual([]);
  });

  it('into a folder that cannot be made says so', async () => {
    const target = join(file(), 'below/a/file.md');
    const error = await change({ target, present: null, bytes: ours, mode: 0o644 }).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(UndertextError);
    expect(error).toMatchObject({ code: 'disk', hint: expect.stringContaining('a file stands where a folder was') });
  });

  it('that fails takes the folders back that it made', async () => {
    const target = join(temporaryFolder(), 'a/b/c.md');
    const beforeRename = () => {
      throw new Error('stop');
    };
    await change({ target, present: null, bytes: ours, mode: 0o644, beforeRename }).catch(() => {});
    expect(existsSync(join(target, '../..'))).toBe(false);
  });

  it('leaves other names of the file alone', async () => {
    const target = file();
    const other = join(target, '../other.md');
    renameSync(target, other);
    writeFileSync(target, 'old\n');
    await change({ target, present: old, bytes: ours, mode: 0o644 });
    expect(text(other)).toBe('old\n');
    rmSync(other);
  });
});

describe('a restore while another process rewrites the file in place', () => {
  it('never takes away what that process wrote last', async () => {
    const home = place({ pause: wait });
    const line = (name: string) => `- [${name}](${name}.md)\n`;
    const base = await home.save('a.md', '# Index\n\n');
    const lost = await home.save('a.md', `# Index\n\n${line('voice')}`);
    const cause = await home.save('a.md', `# Index\n\n${line('n0')}`);
    const incident = await home.incident(base, lost, cause);
    const script = `
      const { writeFileSync } = require('node:fs');
      for (let n = 1; n <= 500; n++) {
        writeFileSync(process.argv[1], '# Index\\n\\n- [n' + n + '](n' + n + '.md)\\n');
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, n % 2);
      }`;
    const writer = spawn(process.execPath, ['-e', script, join(home.root.path, 'a.md')], { stdio: 'inherit' });
    const over = new Promise<void>(resolve => writer.once('exit', () => resolve()));
    while (writer.exitCode === null) {
      const outcome = await home.restoreIncident(incident).catch((error: UndertextError) => error.code);
      if (typeof outcome === 'string') expect(outcome).toBe('moved');
      await new Promise(resolve => setImmediate(resolve));
    }
    await over;
    await home.restoreIncident(incident);
    expect(home.text('a.md')).toContain(line('n500'));
    expect(home.text('a.md').split(line('voice'))).toHaveLength(2);
    expect(readdirSync(home.root.path)).toEqual(['a.md']);
  });
});

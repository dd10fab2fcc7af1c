/** What must hold for any text: a restore loses nothing newer, an undo gives back exact bytes, other files stay. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UndertextError } from '../../src/errors.ts';
import { newRestoreId, pickRestores, type RestoreRecord } from '../../src/restore/restores.ts';
import { place } from './place.ts';

const line = fc.constantFrom(
  '# A',
  '## B',
  '## C',
  '- one',
  '- two',
  '- [x](x.md)',
  'text',
  'more text',
  '',
  '| a | b |',
);
const text = fc
  .tuple(fc.array(line, { maxLength: 12 }), fc.constantFrom('\n', '\r\n'), fc.boolean(), fc.boolean())
  .map(([lines, end, final, mark]) => `${mark ? '\ufeff' : ''}${lines.join(end)}${final ? end : ''}`);
const content = fc.oneof(
  text.map(value => Buffer.from(value)),
  fc.uint8Array({ maxLength: 40 }).map(Buffer.from),
);

describe('any text', () => {
  it('a whole version comes back byte for byte, and undo gives back exact bytes', async () => {
    await fc.assert(
      fc.asyncProperty(content, fc.option(content), async (old, present) => {
        const home = place();
        home.write('other.md', 'other');
        home.write('skills/other.md', 'other');
        const version = await home.save('skills/a.md', old);
        if (present === null) rmSync(join(home.root.path, 'skills/a.md'));
        else home.write('skills/a.md', present);
        const before = home.all();
        const { done } = await home.restoreVersion(version);
        expect(home.bytes('skills/a.md')).toEqual(old);
        if (done.id !== null) await home.undo();
        expect(home.all()).toEqual(before);
      }),
      { numRuns: 60 },
    );
  });

  it('an incident put back and undone leaves the folder as it was', async () => {
    await fc.assert(
      fc.asyncProperty(text, text, text, text, async (base, lost, cause, present) => {
        const home = place();
        home.write('other.md', 'other');
        const versions = [];
        for (const each of [base, lost, cause]) versions.push(await home.save('a.md', each));
        home.write('a.md', present);
        const before = home.all();
        const incident = await home.incident(versions[0]!, versions[1]!, versions[2]!);
        const outcome = await home.restoreIncident(incident, 'both').catch((error: unknown) => error);
        if (outcome instanceof UndertextError) {
          expect(['refused', 'conflict']).toContain(outcome.code);
          expect(home.all()).toEqual(before);
          return;
        }
        expect(outcome).not.toBeInstanceOf(Error);
        if (home.deps.store.notes('restore').length > 0) await home.undo();
        expect(home.all()).toEqual(before);
      }),
      { numRuns: 100 },
    );
  });

  it('undo after a newer edit keeps every newer line, or refuses', async () => {
    await fc.assert(
      fc.asyncProperty(text, text, fc.nat(12), async (old, present, at) => {
        const home = place();
        const version = await home.save('a.md', old);
        home.write('a.md', present);
        const { done } = await home.restoreVersion(version);
        fc.pre(done.id !== null);
        const lines = home.text('a.md').split('\n');
        lines.splice(Math.min(at, lines.length), 0, 'NEWER');
        home.write('a.md', lines.join('\n'));
        const error = await home.undo().then(
          () => null,
          (error: unknown) => error,
        );
        expect(home.text('a.md')).toContain('NEWER');
        if (error !== null) expect(home.text('a.md')).toBe(lines.join('\n'));
      }),
      { numRuns: 60 },
    );
  });
});

describe('ids', () => {
  const record = (id: string) => ({ id, path: 'a.md' }) as RestoreRecord;

  it('are never given twice', () => {
    const digits = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
    expect(newRestoreId([record('raaaaaa')], () => digits.shift()!)).toBe('raaaaab');
  });

  it('are named by a prefix only one has', () => {
    const records = ['rabcdef', 'rabxyz2', 'rqqqqqq'].map(record);
    expect(pickRestores(records, 'rq')[0]!.id).toBe('rqqqqqq');
    expect(pickRestores(records)[0]!.id).toBe('rqqqqqq');
    expect(() => pickRestores(records, 'rab')).toThrow('rab names 2 restores');
    expect(() => pickRestores(records, 'rz')).toThrow('there is no restore rz');
    expect(() => pickRestores([], 'rz')).toThrow('there is no restore rz');
  });
});

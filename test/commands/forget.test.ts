/** A secret that got in, and is taken out for good: through the built program. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Place, type Program } from '../helpers/program.ts';
import { standsAnywhere } from '../store/stands-anywhere.ts';
import { fsck, hasGit } from '../store/with-git.ts';

const secret = 'sk-4f9b2d7c61aa';
const clean = '# Notes\n\n- one\n';
const leaky = `${clean}- the key is ${secret}\n`;
const later = `${clean}- two\n`;

interface Report {
  readonly dryRun: boolean;
  readonly at: string | null;
  readonly versions: readonly { readonly version: string; readonly path: string }[];
  readonly bytes: number;
  readonly freed: number | null;
  readonly incidents: readonly string[];
  readonly left: readonly string[];
}

interface Row {
  readonly version: string;
  readonly kind: string;
  readonly blob: string | null;
  readonly forgotten: string | null;
}

let place: Place;

beforeEach(() => {
  place = new Place({ 'notes.md': clean });
});
afterEach(() => place.remove());

async function snapshot(path?: string, text?: string): Promise<void> {
  if (path !== undefined && text !== undefined) place.write(path, text);
  expect((await place.run('snapshot')).code).toBe(0);
}

/** Clean, then with the secret, then without it again. */
async function leak(): Promise<readonly Row[]> {
  await snapshot();
  await snapshot('notes.md', leaky);
  await snapshot('notes.md', later);
  return log('notes.md');
}

async function log(path: string): Promise<readonly Row[]> {
  return JSON.parse((await place.run('log', path, '--json')).out).versions;
}

async function forget(...words: string[]): Promise<Report> {
  const { code, out, err } = await place.run('forget', '--json', ...words);
  expect(code, err).toBe(0);
  return JSON.parse(out);
}

async function refused(...words: string[]): Promise<{ code: string; message: string; hint: string; exit: number }> {
  const { code, err } = await place.run('forget', '--json', ...words);
  return { ...JSON.parse(err).error, exit: code };
}

function configure(config: object): void {
  mkdirSync(join(place.folder, 'config/undertext'), { recursive: true });
  writeFileSync(join(place.folder, 'config/undertext/config.json'), JSON.stringify(config));
}

async function expectSound(): Promise<void> {
  expect(await place.run('verify')).toMatchObject({ code: 0, out: expect.stringMatching(/^sound: /) });
  if (hasGit) expect(fsck(place.store)).toBe('');
}

describe('forget PATH@VERSION', () => {
  it('removes that content and leaves a tombstone, of which every command knows; everything else stays', async () => {
    const [first, second, third] = await leak();
    expect(standsAnywhere(place.store, secret)).toBe(true);
    const dry = await place.run('forget', '--dry-run', `notes.md@${second!.version}`);
    expect(dry.out).toMatch(/^would forget 1 version of notes\.md: \d+ B of content\n.*\nnothing was changed\n$/s);
    expect(await log('notes.md')).toEqual([first, second, third]);

    const report = await forget(`notes.md@${second!.version}`, '--reason', 'a key');
    expect(report).toMatchObject({ dryRun: false, reason: 'a key', bytes: leaky.length, left: [] });
    expect(report.versions.map(({ version }) => version)).toEqual([second!.version]);
    expect(report.freed).toBeGreaterThan(0);

    expect(standsAnywhere(place.store, secret)).toBe(false);
    expect(await log('notes.md')).toMatchObject([
      { version: first!.version, kind: 'file', blob: first!.blob, forgotten: null },
      { version: second!.version, kind: 'withheld', blob: null, forgotten: report.at },
      { version: third!.version, kind: 'file', blob: third!.blob, forgotten: null },
    ]);
    expect((await place.run('log', 'notes.md')).out).toMatch(new RegExp(`${second!.version} .*forgotten \\d\\d:`));
    expect((await place.run('cat', `notes.md@${first!.version}`)).out).toBe(clean);
    expect((await place.run('find', secret)).out).toContain('no version of any file holds');
    await expectSound();

    for (const words of [
      ['cat', `notes.md@${second!.version}`],
      ['diff', `notes.md@${first!.version}`, `notes.md@${second!.version}`],
      ['restore', 'notes.md', '--at', second!.version],
    ]) {
      const { code, out, err } = await place.run(...words);
      expect([code, out], words.join(' ')).toEqual([3, '']);
      expect(err).toMatch(
        /^error: the content of version \w{10} of notes\.md was forgotten \(\d.*\): a key\nhint: .*undertext log notes\.md/,
      );
    }
    expect(await refused(`notes.md@${second!.version}`)).toMatchObject({ code: 'not-found', exit: 2 });
    expect(place.read('notes.md')).toBe(later);
  });

  it('takes every version with the very same content along, and names it', async () => {
    await snapshot('copy.md', leaky);
    const rows = await leak();
    expect(await refused(`notes.md@${rows[1]!.version}`)).toMatchObject({
      message: expect.stringMatching(/^copy\.md /),
    });
    rmSync(place.path('copy.md'));
    await snapshot();
    const report = await forget(`notes.md@${rows[1]!.version}`);
    expect(report.versions.map(({ path }) => path)).toEqual(['notes.md', 'copy.md']);
    expect(await log('copy.md')).toMatchObject([{ kind: 'withheld', forgotten: report.at }, { kind: 'gone' }]);
    expect(standsAnywhere(place.store, secret)).toBe(false);
    await expectSound();
  });

  it('of a log that grew is refused: what came later holds it too', async () => {
    const line = (i: number) => `{"n":${i},"text":"${(i * 7919).toString(36)}"}\n`;
    const lines = (count: number) => Array.from({ length: count }, (_, i) => line(i)).join('');
    await snapshot('projects/p/s.jsonl', `${secret}\n${lines(9000)}`);
    await snapshot('projects/p/s.jsonl', `${secret}\n${lines(12_000)}`);
    const [first, second] = await log('projects/p/s.jsonl');
    expect(await refused(`projects/p/s.jsonl@${first!.version}`)).toMatchObject({
      code: 'refused',
      message: `version ${second!.version} of projects/p/s.jsonl begins with all of version ${first!.version}, so it would stay in the store`,
      hint: 'forget the whole path: `undertext forget projects/p/s.jsonl`',
    });
    rmSync(place.path('projects/p/s.jsonl'));
    const report = await forget('projects/p/s.jsonl');
    expect(report.versions).toHaveLength(2);
    expect(standsAnywhere(place.store, secret)).toBe(false);
    await expectSound();
  });
});

describe('forget PATH', () => {
  it('whose file is gone forgets all its versions, and what was never kept of it is no trouble', async () => {
    await snapshot('old.env.bak', secret);
    await snapshot('old.env.bak', '');
    rmSync(place.path('old.env.bak'));
    const report = await forget('old.env.bak');
    expect(report.versions).toHaveLength(1);
    expect(standsAnywhere(place.store, secret)).toBe(false);
    await snapshot();
    expect((await log('old.env.bak')).map(({ kind }) => kind)).toEqual(['withheld', 'file', 'gone']);
    expect(await refused('old.env.bak')).toMatchObject({ code: 'not-found' });
    await expectSound();
  });

  it('is refused while the file says it: it would be kept again at once', async () => {
    const rows = await leak();
    expect(await refused('notes.md')).toMatchObject({
      code: 'refused',
      exit: 3,
      message: expect.stringContaining(`still has the content of version ${rows[2]!.version}`),
      hint: expect.stringMatching(/take the secret out.*--past.*\{"glob":"notes.md","class":"secret"\}/),
    });
    expect((await log('notes.md')).every(({ blob }) => blob !== null)).toBe(true);
  });

  it('is allowed when the file is a secret by now', async () => {
    await snapshot('notes.md', leaky);
    configure({ classes: [{ glob: 'notes.md', class: 'secret' }] });
    await forget('notes.md');
    await snapshot();
    expect(standsAnywhere(place.store, secret)).toBe(false);
    expect((await log('notes.md')).every(({ kind }) => kind === 'withheld')).toBe(true);
    await expectSound();
  });

  it('with --past leaves what stands on the disk', async () => {
    const rows = await leak();
    expect(await forget('notes.md', '--past', '--dry-run')).toMatchObject({ dryRun: true, at: null, freed: null });
    const report = await forget('notes.md', '--past');
    expect(report.left).toEqual([rows[2]!.version]);
    expect((await log('notes.md')).map(({ kind }) => kind)).toEqual(['withheld', 'withheld', 'file']);
    expect(standsAnywhere(place.store, secret)).toBe(false);
    expect(await refused('notes.md', '--past')).toMatchObject({ code: 'refused' });
    expect(await refused(`notes.md@${rows[2]!.version}`, '--past')).toMatchObject({ code: 'usage', exit: 2 });
  });

  it('of a log leaves with --past what the log still begins with', async () => {
    await snapshot('history.jsonl', '{"n":1}\n');
    await snapshot('history.jsonl', `{"n":1}\n{"key":"${secret}"}\n`);
    await snapshot('history.jsonl', '{"n":1}\n{"key":"(taken out)"}\n{"n":3}\n');
    expect(await refused('history.jsonl')).toMatchObject({ code: 'refused', hint: expect.stringContaining('--past') });
    const report = await forget('history.jsonl', '--past');
    expect(report.versions).toHaveLength(1);
    expect(standsAnywhere(place.store, secret)).toBe(false);
  });
});

describe('incidents', () => {
  const lost = [clean, leaky, later];

  it('stay without their text: audit, show and restore say so, and nothing is raised anew', async () => {
    for (const text of lost) await snapshot('notes.md', text);
    const [before] = JSON.parse((await place.run('audit', '--json')).out).incidents;
    expect(before.units[0].text).toContain(secret);
    const [, second] = await log('notes.md');
    const report = await forget(`notes.md@${second!.version}`);
    expect(report.incidents).toEqual([before.id]);
    expect(standsAnywhere(place.store, secret)).toBe(false);

    const audit = JSON.parse((await place.run('audit', '--json')).out);
    expect(audit.failedRules).toEqual([]);
    expect(audit.incidents).toMatchObject([
      { id: before.id, state: 'open', units: [{ text: '(forgotten)' }], restore: null, forgotten: report.at },
    ]);
    expect((await place.run('show', before.id)).out).not.toContain(secret);
    const { code, err } = await place.run('restore', before.id);
    expect(code).toBe(3);
    expect(err).toMatch(new RegExp(`^error: the text of ${before.id} was forgotten at .*\nhint: .*undertext accept`));
    expect((await place.run('accept', before.id, '--reason', 'a key')).code).toBe(0);
    expect(await place.run('audit', '--quiet')).toEqual({ code: 0, out: '', err: '' });
    expect(standsAnywhere(place.store, secret)).toBe(false);
    await expectSound();
  });

  it('whose text stays can still be restored', async () => {
    for (const text of [clean, `${clean}- two\n`, leaky]) await snapshot('notes.md', text);
    const [before] = JSON.parse((await place.run('audit', '--json')).out).incidents;
    await snapshot('notes.md', clean);
    const rows = await log('notes.md');
    const { incidents } = await forget(`notes.md@${rows[2]!.version}`);
    expect(incidents).not.toContain(before.id);
    expect((await place.run('restore', before.id)).code).toBe(0);
    expect(place.read('notes.md')).toBe(`${clean}- two\n`);
  });
});

describe('beside a watcher', () => {
  interface Line {
    readonly type: string;
    readonly path?: string;
    readonly version?: string;
  }
  const kept = (watch: Program, path: string) =>
    watch.object<Line & { version: string }>(line => line.type === 'version' && line.path === path);

  it('waits for it to seal, and nothing comes back while it goes on', async () => {
    const watch = place.start('watch', '--json');
    await watch.object<Line>(line => line.type === 'ready');
    place.write('notes.md', leaky);
    const { version } = await kept(watch, 'notes.md');
    place.write('notes.md', later);
    await kept(watch, 'notes.md');
    // It has told it, so it has booked it; perhaps in its journal still.
    await watch.object<Line>(line => line.type === 'incident');
    const report = await forget(`notes.md@${version}`);
    expect(report.incidents).toHaveLength(1);
    expect(standsAnywhere(place.store, secret)).toBe(false);

    place.write('notes.md', `${later}- three\n`);
    await kept(watch, 'notes.md');
    place.write('notes.md', clean);
    await kept(watch, 'notes.md');
    watch.kill('SIGINT');
    const { code, out } = await watch.ended;
    expect(code).toBe(0);
    expect(out).not.toContain('"type":"warning"');
    expect(standsAnywhere(place.store, secret)).toBe(false);
    expect((await place.run('audit', '--json')).code).toBe(1);
    expect(standsAnywhere(place.store, secret)).toBe(false);
    await expectSound();
  });

  it('that does not know yet that the file is a secret is refused', async () => {
    const watch = place.start('watch', '--json');
    await watch.object<Line>(line => line.type === 'ready');
    place.write('notes.md', leaky);
    await kept(watch, 'notes.md');
    configure({ classes: [{ glob: 'notes.md', class: 'secret' }] });
    expect(await refused('notes.md')).toMatchObject({
      code: 'refused',
      hint: expect.stringContaining('undertext watch'),
    });
    watch.kill('SIGINT');
    await watch.ended;
    await forget('notes.md');
    expect(standsAnywhere(place.store, secret)).toBe(false);
  });
});

/** What a terminal would obey or hide never reaches it: hostile names and texts through every command of the built program. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ended, Place } from './helpers/program.ts';

/** A title, a clear screen, a bell, C1, an overstrike, a bidi override, a separator, an invisible tag, a forged line. */
const evil = '\u001b]0;owned\u0007\u001b[2J\u009b31m\u0085over\rwritten\b\u202egpj\u2066\u2028\u200b\u{e0041}\u007f';
const folder = `skills/sk\nhint: run evil ${evil}`;
const path = `${folder}/no${evil}tes.md`;
const forged = '\nhint: run evil';

/** Everything of these that is left in a text, but for line feeds (and tabs, which only diffs of texts have). */
const dangerous = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
const leaks = (text: string) => [...text.matchAll(dangerous)].map(([c]) => c).filter(c => c !== '\n' && c !== '\t');

function expectClean({ out, err }: Ended): void {
  expect(leaks(out).map(c => c.codePointAt(0)!.toString(16))).toEqual([]);
  expect(leaks(err).map(c => c.codePointAt(0)!.toString(16))).toEqual([]);
  expect(`\n${out}`).not.toContain(forged);
  expect(`\n${err}`).not.toContain(forged);
}

/** In texts a carriage return would end a line of Markdown; the rest stays as it is. */
const evilText = evil.replaceAll('\r', '');
const texts: Readonly<Record<string, string>> = {
  Alpha: 'The buffer is never flushed inside a word, whatever the preview wants of it.',
  Beta: 'Titles change twice a day, so that everybody emits double events in March.',
};
const section = (name: string) => `\n## ${name}\n\n${texts[name]} ${evilText}\n`;
const base = `# Title ${evilText}\n\nThe first text ${evilText}.\n`;

let place: Place;
let incident: string;
let versions: readonly { readonly version: string }[];

beforeAll(async () => {
  place = new Place();
  const write = async (text: string) => {
    place.write(path, text);
    expectClean(await place.run('snapshot'));
  };
  await write(base);
  await write(`${base}${section('Alpha')}`);
  await write(`${base}${section('Beta')}`);
  place.write('settings.json', `{ "${JSON.stringify(evil).slice(1, -1)}": 1 }\n`);
  const audit = await place.run('audit', '--json');
  expect(audit.code).toBe(1);
  incident = JSON.parse(audit.out).incidents.find((each: { path: string }) => each.path === path).id;
  versions = JSON.parse((await place.run('log', path, '--json')).out).versions;
  expect(versions).toHaveLength(3);
});
afterAll(() => place.remove());

describe('every command shows hostile names and texts, and obeys none of them', () => {
  const at = (index: number) => versions.at(index)!.version;
  it.each<readonly [string, () => readonly string[], number]>([
    ['audit', () => ['audit'], 1],
    ['audit, all', () => ['audit', '--all'], 1],
    ['audit, json', () => ['audit', '--json'], 1],
    ['audit, ndjson', () => ['audit', '--format', 'ndjson'], 1],
    ['audit, sarif', () => ['audit', '--format', 'sarif'], 1],
    ['audit, markdown', () => ['audit', '--format', 'markdown'], 1],
    ['audit of a glob', () => ['audit', '--path', `${evil}*`], 0],
    ['show', () => ['show', incident], 0],
    ['show, json', () => ['show', incident, '--json'], 0],
    ['log', () => ['log', path], 0],
    ['log, json', () => ['log', path, '--json'], 0],
    ['diff', () => ['diff', path], 0],
    ['diff of two', () => ['diff', `${path}@${at(0)}`, `${path}@${at(1)}`], 0],
    ['diff, json', () => ['diff', path, '--json'], 0],
    ['find', () => ['find', `first text ${evilText}`], 0],
    ['find, json', () => ['find', `first text ${evilText}`, '--json'], 0],
    ['find of nothing', () => ['find', `nobody wrote ${evil}`], 0],
    ['status', () => ['status'], 1],
    ['status, json', () => ['status', '--json'], 1],
    ['verify', () => ['verify'], 0],
    ['snapshot', () => ['snapshot'], 0],
    ['snapshot, json', () => ['snapshot', '--json'], 0],
    ['restore, dry run', () => ['restore', incident, '--dry-run'], 0],
    ['restore, dry run, json', () => ['restore', incident, '--dry-run', '--json'], 0],
    ['restore a version, dry run', () => ['restore', path, '--at', at(0), '--dry-run'], 0],
  ])('%s', async (_, words, code) => {
    const ended = await place.run(...words());
    expectClean(ended);
    expect(ended).toMatchObject({ code });
  });

  it('cat gives exact bytes, and only that', async () => {
    const { out, err } = await place.run('cat', `${path}@${at(0)}`);
    expect(out).toBe(base);
    expect(err).toBe('');
  });

  it('restore, undo, and restore of what was accepted', async () => {
    for (const words of [
      ['restore', incident],
      ['undo'],
      ['undo', '--json'],
      ['restore', path, '--at', at(0), '--to', join(place.folder, `copy${evil}`)],
      ['restore', path, '--at', at(1), '--to', join(place.folder, `copy${evil}`)],
      ['restore', path, '--at', at(0), '--section', `Title ${evil}`],
      ['restore', path, '--at', at(1), '--section', `none ${evil}`],
      ['undo', `r${evil}`],
      ['accept', incident, '--reason', `meant ${evil}`],
      ['audit', '--all'],
    ]) {
      expectClean(await place.run(...words));
    }
  });
});

describe('every error does, too', () => {
  const other = mkdtempSync(join(tmpdir(), 'undertext-evil-'));
  afterAll(() => rmSync(other, { recursive: true, force: true }));
  const evilFolder = join(other, `evil ${evil}${forged}`);

  it.each<readonly [string, () => readonly string[]]>([
    ['a command', () => [`fr${evil}ob`]],
    ['an option', () => ['audit', `--fr${evil}ob`]],
    ['too many arguments', () => ['audit', evil]],
    ['a format', () => ['audit', '--format', evil]],
    ['a rule', () => ['audit', '--rule', evil]],
    ['a time', () => ['audit', '--since', evil]],
    ['an incident', () => ['show', evil]],
    ['a path', () => ['cat', `${evil}.md@2h`]],
    ['a version', () => ['cat', `${path}@${evil}`]],
    ['a path to restore', () => ['restore', `a/${evil}`]],
    ['a time to restore from', () => ['restore', path, '--at', evil]],
    ['a restore to undo', () => ['undo', evil]],
    ['a root that is not there', () => ['snapshot', '--root', join(evilFolder, 'none')]],
    ['a root that is a file', () => ['snapshot', '--root', join(evilFolder, 'file')]],
    ['a store that is not there', () => ['status', '--store', join(evilFolder, 'none')]],
    ['a store that is none', () => ['status', '--store', evilFolder]],
    ['a store that others can write to', () => ['status', '--store', join(evilFolder, 'open')]],
    ['a configuration', () => ['audit', '--config', join(evilFolder, 'config.json')]],
    ['a configuration that is not there', () => ['audit', '--config', join(evilFolder, 'none.json')]],
    ['a folder of rules', () => ['audit', '--rules', join(evilFolder, 'none')]],
    ['a path, in JSON', () => ['cat', `${evil}.md@2h`, '--json']],
    ['a rule of ones own', () => ['audit', '--rules', join(evilFolder, 'rules')]],
  ])('%s', async (_, words) => {
    mkdirSync(join(evilFolder, 'rules'), { recursive: true });
    mkdirSync(join(evilFolder, 'open'), { recursive: true });
    chmodSync(join(evilFolder, 'open'), 0o777);
    writeFileSync(join(evilFolder, 'file'), '');
    writeFileSync(
      join(evilFolder, 'config.json'),
      JSON.stringify({ [`ignore ${evil}`]: [evil], rules: { [evil]: 1 } }),
    );
    writeFileSync(join(evilFolder, 'rules', `x${evil}.js`), `throw new Error(${JSON.stringify(evil + forged)})`);
    const ended = await place.run(...words());
    expectClean(ended);
    expect(ended.code).toBeGreaterThan(1);
    expect(ended.err).not.toContain('this is a defect');
  });

  it('with the trace that a defect is reported with', async () => {
    const env = { ...place.env, UNDERTEXT_TRACE: '1' };
    Object.assign(place.env, env);
    expectClean(await place.run('cat', `${evil}.md@2h`));
    delete (place.env as Record<string, string>).UNDERTEXT_TRACE;
  });

  it('what stands in the way of a restore', async () => {
    const own = new Place({ [path]: 'one\n' });
    await own.run('snapshot');
    const { versions: kept } = JSON.parse((await own.run('log', path, '--json')).out);
    rmSync(own.path(path));
    symlinkSync(`nowhere ${evil}`, own.path(path));
    expectClean(await own.run('restore', path, '--at', kept[0].version));
    rmSync(own.path(path));
    mkdirSync(own.path(path));
    expectClean(await own.run('restore', path, '--at', kept[0].version));
    rmSync(own.path(folder), { recursive: true });
    symlinkSync(other, own.path(folder));
    expectClean(await own.run('restore', path, '--at', kept[0].version));
    await own.remove();
  });
});

describe('the watcher', () => {
  it.each([[[]], [['--json']]])('with %j', async more => {
    const own = new Place({ [path]: base });
    const watch = own.start('watch', ...more);
    const ready = (line: string) => line.includes('watching') || line.includes('"ready"');
    await watch.line(ready);
    own.write(path, `${base}${section('Alpha')}`);
    await until(own, 2);
    own.write(path, `${base}${section('Beta')}`);
    await watch.line(line => line.includes('lost') || line.includes('"incident"'));
    watch.kill('SIGINT');
    expectClean(await watch.ended);
    await own.remove();
  });
});

/** Waits until the store has so many versions of the path. */
async function until(own: Place, versions: number): Promise<void> {
  for (;;) {
    const { code, out } = await own.run('log', path, '--json');
    if (code === 0 && JSON.parse(out).versions.length >= versions) return;
  }
}

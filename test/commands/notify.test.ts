/** What a watcher tells on the desktop: through the built program, and a notify-send that writes down what it is told. */
import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { World } from '../../src/commands/command.ts';
import { desktop } from '../../src/commands/desktop.ts';
import { notify, wordsFor } from '../../src/commands/notify.ts';
import type { Incident } from '../../src/model.ts';
import { noticesOf } from '../../src/report/notices.ts';
import { bin, Place, Program } from '../helpers/program.ts';
import * as sample from '../report/samples.ts';

describe('a notice', () => {
  it('says what was lost, where, and how it comes back', () => {
    expect(noticesOf([sample.indexIncident])).toEqual([
      {
        title: `undertext: ${sample.indexIncident.path}`,
        body: expect.stringMatching(/^lost: list item ".*"\nundertext restore k7f3qz$/),
      },
    ]);
  });

  it('of what cannot be put back says how to see why', () => {
    const [notice] = noticesOf([
      { ...sample.indexIncident, lost: null, restore: null, message: 'two lines name nothing' },
    ]);
    expect(notice!.body).toBe('wrong: two lines name nothing\nundertext show k7f3qz');
  });

  it('is one for each of three, and one for all of four', () => {
    const many = (n: number) => Array.from({ length: n }, (_, i) => ({ ...sample.indexIncident, path: `p${i}` }));
    expect(noticesOf(many(3))).toHaveLength(3);
    expect(noticesOf(many(5))).toEqual([
      { title: 'undertext: 5 incidents', body: 'p0\np1\np2\nand 2 more\nundertext audit' },
    ]);
    expect(noticesOf([])).toEqual([]);
  });

  it('never hands a text to an interpreter', () => {
    const evil = { title: '"; rm -rf ~; $(x)', body: '<b>bold</b> & "$y"' };
    expect(wordsFor('linux', evil).slice(-3)).toEqual(['--', evil.title, '&lt;b&gt;bold&lt;/b&gt; &amp; "$y"']);
    expect(wordsFor('darwin', evil).slice(-2)).toEqual([evil.title, evil.body]);
    expect(wordsFor('win32', evil).join(' ')).not.toContain('rm -rf');
  });

  it('obeys nothing of a hostile name', () => {
    const [notice] = noticesOf([{ ...sample.indexIncident, path: 'a\u001b[2J\nb\u202e' }]);
    expect(notice!.title).toBe('undertext: a\\x1b[2J\\nb\\u202e');
  });
});

describe('the desktop', () => {
  const weak: Incident = { ...sample.indexIncident, id: 'weak22', certainty: 'possible', severity: 'low' };

  it('is told each incident once, and no weak one before it is more than that', () => {
    const shown: string[] = [];
    const screen = desktop(async ({ title }) => {
      shown.push(title);
      return null;
    }, expect.unreachable);
    const other: Incident = { ...weak, certainty: 'likely', path: 'other.md' };
    for (const incidents of [[weak], [sample.indexIncident], [sample.indexIncident, other], [other]])
      screen.tell(incidents);
    expect(shown).toEqual([`undertext: ${sample.indexIncident.path}`, 'undertext: other.md']);
  });

  it('that cannot be reached is named once', async () => {
    const said: string[] = [];
    const screen = desktop(
      async () => 'no bus',
      why => said.push(why),
    );
    for (const id of ['a', 'b']) screen.tell([{ ...sample.indexIncident, id }]);
    await new Promise(setImmediate);
    expect(said).toEqual(['no bus']);
  });

  it('without the program for it says which one', async () => {
    const world = { env: { PATH: '' }, home: '/', platform: 'linux' } as unknown as World;
    expect(await notify({ title: 't', body: 'b' }, world)).toBe('there is no notify-send');
  });
});

describe('watch --notify', () => {
  interface Line {
    readonly type: string;
    readonly path?: string;
    readonly code?: string;
    readonly message?: string;
    readonly incident?: { readonly id: string; readonly path: string };
  }

  let place: Place;
  let programs: string;
  const base = '# Rules\n\n- be kind\n';
  beforeEach(() => {
    place = new Place({ 'CLAUDE.md': base });
    programs = join(place.folder, 'programs');
    mkdirSync(programs);
    symlinkSync(['/bin/mv', '/usr/bin/mv'].find(existsSync)!, join(programs, 'mv'));
  });
  afterEach(() => place.remove());

  /** Two sections whose loss is more than weak. */
  const start = async (...words: string[]) => {
    const watch = new Program([bin, 'watch', '--json', ...words], { ...place.env, PATH: programs }, place.folder);
    await watch.object<Line>(line => line.type === 'ready');
    return watch;
  };
  const lose = async (watch: Program, path: string) => {
    place.write(
      path,
      `${base}\n## Deploy\n\nFrom main only.\n\n## Tests\n\nAll, always.\n\n## Style\n\nTabs of ${path}.\n`,
    );
    await watch.object<Line>(line => line.type === 'version' && line.path === path);
    place.write(path, base);
    return (await watch.object<Line>(line => line.type === 'incident')).incident!;
  };

  it('tells a loss with the command that restores it', async () => {
    // It writes into the home that is watched, so that its version says when it was called.
    const script = `#!/bin/sh\nprintf '%s\\n' "$@" > "$HOME/.claude/told.tmp" && mv "$HOME/.claude/told.tmp" "$HOME/.claude/told.md"\n`;
    writeFileSync(join(programs, 'notify-send'), script);
    chmodSync(join(programs, 'notify-send'), 0o755);
    const watch = await start('--notify');
    const { id } = await lose(watch, 'CLAUDE.md');
    await watch.object<Line>(line => line.type === 'version' && line.path === 'told.md');
    expect(place.read('told.md').split('\n').slice(-4)).toEqual([
      'undertext: CLAUDE.md',
      expect.stringMatching(/^lost: 3 sections/),
      `undertext restore ${id}`,
      '',
    ]);
    watch.kill('SIGINT');
    expect((await watch.ended).code).toBe(0);
  });

  it('without a program for it warns once and goes on; the configuration asks for it, too', async () => {
    writeFileSync(join(place.folder, 'c.json'), '{ "notify": true }');
    const watch = await start('--config', join(place.folder, 'c.json'));
    await lose(watch, 'CLAUDE.md');
    const warning = await watch.object<Line>(line => line.type === 'warning');
    expect(warning).toMatchObject({ code: 'notify', message: expect.stringContaining('there is no notify-send') });
    await lose(watch, 'notes.md');
    watch.kill('SIGINT');
    const { code, out } = await watch.ended;
    expect([code, out.split('"code":"notify"').length - 1]).toEqual([0, 1]);
  });
});

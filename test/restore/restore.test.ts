/** Restoring as a person sees it: the lost text is back, nothing newer is gone, nothing else was touched. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { UndertextError } from '../../src/errors.ts';
import { applyPlan } from '../../src/restore/apply.ts';
import { lookAt } from '../../src/restore/disk.ts';
import { planIncident, planSection, planVersion } from '../../src/restore/plan.ts';
import { restoresOf } from '../../src/restore/restores.ts';
import { place, temporaryFolder } from './place.ts';

const index = (...lines: string[]) => `# Skills\n\n- [pdf](pdf/SKILL.md) — papers\n${lines.join('')}`;
const voice = '- [voice-buffer](voice-buffer/SKILL.md) — speech\n';
const cite = '- [cite-track](cite-track/SKILL.md) — claims\n';

const notes = (...sections: string[]) => `# Architecture\n\nOne process reads.\n${sections.join('')}`;
const invariants = '\n## Voice buffer invariants\n\nNever flushed inside a word.\n';
const gotcha = '\n## og:double-emit gotcha\n\nEmitted twice.\n';

async function refusal(work: Promise<unknown>): Promise<UndertextError> {
  const error = await work.then(
    () => null,
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(UndertextError);
  return error as UndertextError;
}

/** The story of the index: base, A adds, C overwrites. */
async function indexStory(more: Parameters<typeof place>[0] = {}) {
  const home = place(more);
  const path = 'skills/_index.md';
  const base = await home.save(path, index());
  const lost = await home.save(path, index(voice));
  const cause = await home.save(path, index(cite));
  return { home, path, incident: await home.incident(base, lost, cause), base, lost, cause };
}

describe('the two stories', () => {
  it('the line of the index is back, and the newer line is still there', async () => {
    const { home, path, incident } = await indexStory();
    const { done } = await home.restoreIncident(incident);
    expect(home.text(path).split(voice)).toHaveLength(2);
    expect(home.text(path).split(cite)).toHaveLength(2);
    expect(done.restored.map(unit => unit.name)).toEqual(['voice-buffer']);
    expect(done.removed).toEqual([]);
    expect(done.undo).toBe(`undertext undo ${done.id}`);
    expect(done.after?.how).toBe('restore');
    expect(Buffer.from(await home.deps.store.read(done.after!.blob!))).toEqual(home.bytes(path));
  });

  it('both sections of the memory file are there, the older one first', async () => {
    const home = place();
    const path = 'memory/architecture.md';
    const base = await home.save(path, notes());
    const lost = await home.save(path, notes(invariants));
    const cause = await home.save(path, notes(gotcha));
    const { done } = await home.restoreIncident(await home.incident(base, lost, cause));
    expect(home.text(path)).toBe(notes(invariants, gotcha));
    expect(done.restored.map(unit => [unit.kind, unit.name])).toEqual([['section', 'Voice buffer invariants']]);
  });

  it('text written after the loss stays', async () => {
    const { home, path, incident } = await indexStory();
    home.write(path, `${index(cite)}\n## Newer\n\nwritten while nobody watched\n`);
    await home.restoreIncident(incident);
    expect(home.text(path)).toContain('written while nobody watched');
    expect(home.text(path)).toContain(voice);
  });

  it('what stood there before is kept, also when no watcher saw it', async () => {
    const { home, path, incident } = await indexStory();
    home.write(path, index(cite, '- [new](new.md)\n'));
    const { done } = await home.restoreIncident(incident);
    expect(Buffer.from(await home.deps.store.read(done.before!.blob!)).toString()).toBe(
      index(cite, '- [new](new.md)\n'),
    );
  });

  it('is known as a restore before a watcher can wonder who wrote it', async () => {
    const known: (string | undefined)[] = [];
    const { home, path, incident } = await indexStory({
      pause: async () => {
        known.push(home.deps.store.latest({ root: 'home', path })?.how);
      },
    });
    const { done } = await home.restoreIncident(incident);
    expect(known.at(-1)).toBe('restore');
    expect(home.deps.store.latest({ root: 'home', path })).toEqual(done.after);
  });

  it('a second time there is nothing to do, and nothing is written', async () => {
    const { home, path, incident } = await indexStory();
    await home.restoreIncident(incident);
    const before = [statSync(join(home.root.path, path)).ino, home.deps.store.versions({ root: 'home', path }).length];
    const { done } = await home.restoreIncident(incident);
    expect(done).toMatchObject({ id: null, restored: [], removed: [], undo: null });
    expect([statSync(join(home.root.path, path)).ino, home.deps.store.versions({ root: 'home', path }).length]).toEqual(
      before,
    );
    expect(restoresOf(home.deps.store.notes('restore'))).toHaveLength(1);
  });

  it('the note says what was done', async () => {
    const { home, path, incident } = await indexStory();
    const { done } = await home.restoreIncident(incident);
    expect(restoresOf(home.deps.store.notes('restore'))).toEqual([
      {
        id: expect.stringMatching(/^r[a-z2-9]{6}$/),
        kind: 'incident',
        root: 'home',
        path,
        at: expect.any(Number),
        before: done.before!.id,
        after: done.after!.id,
        incident: 'k7f3qz',
        undoes: null,
      },
    ]);
  });
});

describe('bytes that were not touched stay', () => {
  it.each([
    ['CRLF', (text: string) => Buffer.from(text.replaceAll('\n', '\r\n'))],
    ['a byte order mark', (text: string) => Buffer.from(`\ufeff${text}`)],
    ['no final newline', (text: string) => Buffer.from(text.trimEnd())],
    ['bytes that are no UTF-8', (text: string) => Buffer.concat([Buffer.from(text), Buffer.of(0xff, 0xe9, 0x0a)])],
  ])('%s', async (_, spelled) => {
    const home = place();
    const base = await home.save('a.md', spelled(index()));
    const lost = await home.save('a.md', spelled(index(voice)));
    const cause = await home.save('a.md', spelled(index(cite)));
    const present = home.bytes('a.md');
    await home.restoreIncident(await home.incident(base, lost, cause));
    const now = home.bytes('a.md').toString('latin1');
    expect(now).toContain(Buffer.from(voice).toString('latin1').trimEnd());
    expect(now.includes('\r\n')).toBe(present.toString('latin1').includes('\r\n'));
    expect(/[^\r]\n/.test(now)).toBe(/[^\r]\n/.test(present.toString('latin1')));
    await home.undo();
    expect(home.bytes('a.md')).toEqual(present);
  });

  it('the mode is kept', async () => {
    const { home, path, incident } = await indexStory();
    chmodSync(join(home.root.path, path), 0o640);
    await home.restoreIncident(incident);
    expect(statSync(join(home.root.path, path)).mode & 0o7777).toBe(0o640);
  });

  it('nothing else in the root changes', async () => {
    const { home, path, incident } = await indexStory();
    home.write('other.md', 'other');
    home.write('skills/pdf/SKILL.md', 'pdf');
    const { [path]: _, ...before } = home.all();
    await home.restoreIncident(incident);
    const { [path]: __, ...after } = home.all();
    expect(after).toEqual(before);
  });
});

describe('a file that is gone', () => {
  it('comes back whole, with its folder and mode', async () => {
    const { home, path, incident, lost } = await indexStory();
    rmSync(join(home.root.path, 'skills'), { recursive: true });
    const { done } = await home.restoreIncident(incident);
    expect(home.text(path)).toBe(index(voice));
    expect(statSync(join(home.root.path, path)).mode & 0o7777).toBe(lost.mode);
    expect(done.before).toBeNull();
  });

  it('goes again when the restore is undone', async () => {
    const { home, path, incident } = await indexStory();
    rmSync(join(home.root.path, path));
    await home.restoreIncident(incident);
    await home.undo();
    expect(existsSync(join(home.root.path, path))).toBe(false);
    expect(home.deps.store.latest({ root: 'home', path })?.kind).toBe('gone');
    await home.undo();
    expect(home.text(path)).toBe(index(voice));
  });

  it('is not removed again once somebody wrote to it', async () => {
    const { home, path, incident } = await indexStory();
    rmSync(join(home.root.path, path));
    await home.restoreIncident(incident);
    home.write(path, 'newer');
    expect((await refusal(home.undo())).code).toBe('conflict');
    expect(home.text(path)).toBe('newer');
  });

  it('a version that says "gone" is refused unless asked for', async () => {
    const { home, path, lost } = await indexStory();
    rmSync(join(home.root.path, path));
    const [gone] = await home.deps.store.record([{ ...(await home.deps.observe(home.root, path, 'event'))! }]);
    await home.restoreVersion(lost);
    expect((await refusal(home.restoreVersion(gone!))).code).toBe('refused');
    await home.run(path, disk => planVersion({ disk, store: home.deps.store, version: gone!, removeFile: true }));
    expect(existsSync(join(home.root.path, path))).toBe(false);
  });
});

describe('a whole version', () => {
  it('says which newer text would go', async () => {
    const { home, path, lost } = await indexStory();
    const disk = await lookAt(home.root, path, home.deps);
    const plan = await planVersion({ disk, store: home.deps.store, version: lost });
    expect(plan.removed.map(unit => unit.name)).toEqual(['cite-track']);
    expect(plan.restored.map(unit => unit.name)).toEqual(['voice-buffer']);
    expect(plan.diff).toContain(`-${cite}+${voice}`);
    expect(home.text(path)).toBe(index(cite));
  });

  it('comes back byte for byte', async () => {
    const { home, path, lost } = await indexStory();
    await home.restoreVersion(lost);
    expect(home.text(path)).toBe(index(voice));
  });

  it('one section of it comes back, the rest stays', async () => {
    const home = place();
    const old = await home.save('a.md', notes(invariants));
    await home.save('a.md', notes(gotcha));
    await home.run('a.md', disk =>
      planSection({ disk, store: home.deps.store, version: old, section: 'Voice buffer invariants' }),
    );
    expect(home.text('a.md')).toContain(invariants.trim());
    expect(home.text('a.md')).toContain(gotcha.trim());
  });

  it('one section takes the place of the present one', async () => {
    const home = place();
    const old = await home.save('a.md', '# T\n\n## Style\n\nold style\n\n## Other\n\nold other\n');
    await home.save('a.md', '# T\n\n## Style\n\nnew style now\n\n## Other\n\nnew other\n');
    const disk = await lookAt(home.root, 'a.md', home.deps);
    const plan = await planSection({ disk, store: home.deps.store, version: old, section: 'style' });
    expect(plan.removed.map(unit => unit.text)).toEqual(['new style now']);
    expect(Buffer.from(plan.bytes!).toString()).toBe('# T\n\n## Style\n\nold style\n\n## Other\n\nnew other\n');
  });

  it('a section that stands there twice is refused', async () => {
    const home = place();
    const old = await home.save('a.md', '# T\n\n## Style\n\nold style\n');
    await home.save('a.md', '# T\n\n## Style\n\na\n\n## Style\n\nb\n');
    const error = await refusal(
      home.run('a.md', disk => planSection({ disk, store: home.deps.store, version: old, section: 'Style' })),
    );
    expect([error.code, error.message]).toEqual(['conflict', expect.stringContaining('no one place for "Style"')]);
  });

  it('a section it does not have is an error that lists those it has', async () => {
    const home = place();
    const old = await home.save('a.md', notes(invariants));
    const error = await refusal(
      home.run('a.md', disk => planSection({ disk, store: home.deps.store, version: old, section: 'Nowhere' })),
    );
    expect(error.code).toBe('not-found');
    expect(error.hint).toContain('Voice buffer invariants');
  });
});

describe('a link', () => {
  it('inside the root is followed, and stays a link', async () => {
    const { home, path, incident } = await indexStory();
    mkdirSync(join(home.root.path, 'kept'));
    writeFileSync(join(home.root.path, 'kept/real.md'), index(cite));
    rmSync(join(home.root.path, path));
    symlinkSync('../kept/real.md', join(home.root.path, path));
    const { done } = await home.restoreIncident(incident);
    expect(home.all()[path]).toBe('→ ../kept/real.md');
    expect(home.text('kept/real.md')).toContain(voice);
    expect(done.path).toBe('kept/real.md');
    await home.undo();
    expect(home.text('kept/real.md')).toBe(index(cite));
  });

  it('to a file elsewhere, as dotfile managers make it, is followed', async () => {
    const { home, path, incident } = await indexStory();
    const dotfiles = join(temporaryFolder(), 'index.md');
    writeFileSync(dotfiles, index(cite));
    rmSync(join(home.root.path, path));
    symlinkSync(dotfiles, join(home.root.path, path));
    await home.restoreIncident(incident);
    expect(home.all()[path]).toBe(`→ ${dotfiles}`);
    expect(readFileSync(dotfiles, 'utf8')).toContain(voice);
    await home.undo();
    expect(readFileSync(dotfiles, 'utf8')).toBe(index(cite));
  });

  it('that leads nowhere is refused', async () => {
    const { home, path, incident } = await indexStory();
    rmSync(join(home.root.path, path));
    symlinkSync('nowhere', join(home.root.path, path));
    expect((await refusal(home.restoreIncident(incident))).message).toContain('leads nowhere');
  });

  it('in place of a folder, out of the root, is refused', async () => {
    const { home, incident } = await indexStory();
    const outside = temporaryFolder();
    rmSync(join(home.root.path, 'skills'), { recursive: true });
    symlinkSync(outside, join(home.root.path, 'skills'));
    expect((await refusal(home.restoreIncident(incident))).code).toBe('refused');
    expect(readdirSync(outside)).toEqual([]);
  });
});

describe('the disk moves', () => {
  it('between the plan and the write: planned again, and the newer text stays', async () => {
    let writes = 0;
    const { home, path, incident } = await indexStory({
      beforeRename: () => {
        if (writes++ < 2) home.write(path, `${home.text(path)}- [newer-${writes}](n.md)\n`);
      },
    });
    await home.restoreIncident(incident);
    expect(home.text(path)).toContain(voice);
    expect(home.text(path)).toContain('newer-1');
    expect(home.text(path)).toContain('newer-2');
    expect(readdirSync(join(home.root.path, 'skills'))).toEqual(['_index.md']);
  });

  it('every time: refused after five tries, and nothing of ours stands there', async () => {
    let writes = 0;
    const { home, path, incident } = await indexStory({
      beforeRename: () => home.write(path, index(cite, `- ${writes++}\n`)),
    });
    const error = await refusal(home.restoreIncident(incident));
    expect(error.code).toBe('moved');
    expect(error.hint).not.toBe('');
    expect(writes).toBe(5);
    expect(home.text(path)).toBe(index(cite, '- 4\n'));
    expect(readdirSync(join(home.root.path, 'skills'))).toEqual(['_index.md']);
    expect(restoresOf(home.deps.store.notes('restore'))).toEqual([]);
  });

  it('a plan that is older than the disk is not applied', async () => {
    const { home, path, incident } = await indexStory();
    const plan = await planIncident({
      disk: await lookAt(home.root, path, home.deps),
      store: home.deps.store,
      incident,
    });
    home.write(path, 'newer');
    expect((await refusal(applyPlan(plan, home.deps))).code).toBe('moved');
    expect(home.text(path)).toBe('newer');
  });

  it('a file that appears where there was none is not overwritten', async () => {
    const { home, path, incident } = await indexStory({ beforeRename: () => home.write(path, `# Newer\n\n${cite}`) });
    rmSync(join(home.root.path, path));
    await home.restoreIncident(incident);
    expect(home.text(path)).toContain('# Newer');
    expect(home.text(path)).toContain(cite);
    expect(home.text(path)).toContain(voice);
  });

  it('a link that appears in place of the file is not written through', async () => {
    const outside = join(temporaryFolder(), 'outside.md');
    writeFileSync(outside, index(cite));
    const { home, path, incident } = await indexStory({
      beforeRename: () => {
        rmSync(join(home.root.path, path));
        symlinkSync('/nowhere/at/all', join(home.root.path, path));
      },
    });
    await refusal(home.restoreIncident(incident));
    expect(home.all()[path]).toBe('→ /nowhere/at/all');
  });
});

describe('undo', () => {
  it('gives back the exact bytes, and an undo can be undone', async () => {
    const { home, path, incident } = await indexStory();
    await home.restoreIncident(incident);
    const restored = home.text(path);
    await home.undo();
    expect(home.text(path)).toBe(index(cite));
    await home.undo();
    expect(home.text(path)).toBe(restored);
    await home.undo();
    expect(home.text(path)).toBe(index(cite));
  });

  it('after a newer edit takes out only what the restore put in', async () => {
    const { home, path, lost, cause } = await indexStory();
    await home.save(path, `${index(cite)}\nlong\n\ntext\n\nafter\n`);
    await home.restoreVersion(lost);
    await home.undo();
    await home.restoreVersion(cause);
    const { done } = await home.restoreVersion(lost);
    home.write(path, `newer first line\n\n${home.text(path)}`);
    await home.undo(done.id!);
    expect(home.text(path)).toBe(`newer first line\n\n${index(cite)}`);
  });

  it('refuses when newer text stands in the same lines', async () => {
    const { home, path, incident } = await indexStory();
    await home.restoreIncident(incident);
    home.write(path, home.text(path).replace('speech', 'speech and song'));
    const now = home.text(path);
    const error = await refusal(home.undo());
    expect(error.code).toBe('conflict');
    expect(error.hint).toContain('--at');
    expect(home.text(path)).toBe(now);
  });

  it('of nothing, or of a restore that does not exist, says so', async () => {
    const { home, incident } = await indexStory();
    expect(() => home.undo()).toThrow('there is no restore to take back');
    const { done } = await home.restoreIncident(incident);
    expect(() => home.undo('rzzzzzz')).toThrow('there is no restore rzzzzzz');
    await home.undo(done.id!.slice(0, 4));
  });
});

describe('--to', () => {
  it('writes elsewhere and leaves the present file, the incident and the notes alone', async () => {
    const { home, path, incident } = await indexStory();
    const to = join(temporaryFolder(), 'rescued.md');
    const { done } = await home.run(path, disk => planIncident({ disk, store: home.deps.store, incident, to }));
    expect(readFileSync(to, 'utf8')).toContain(voice);
    expect(home.text(path)).toBe(index(cite));
    expect(done).toMatchObject({ id: null, undo: null, target: to });
    expect(restoresOf(home.deps.store.notes('restore'))).toEqual([]);
  });

  it('never overwrites, except with the same', async () => {
    const { home, path, lost } = await indexStory();
    const to = join(temporaryFolder(), 'rescued.md');
    const rescue = () => home.run(path, disk => planVersion({ disk, store: home.deps.store, version: lost, to }));
    await rescue();
    await rescue();
    writeFileSync(to, 'mine');
    expect((await refusal(rescue())).code).toBe('refused');
    expect(readFileSync(to, 'utf8')).toBe('mine');
  });
});

describe('a unit that was changed on both sides', () => {
  const settings = (model: string) => `{\n  "model": "${model}",\n  "theme": "dark"\n}\n`;

  it.each([
    ['theirs', 'opus'],
    ['ours', 'haiku'],
  ] as const)('--%s decides, and without it nothing is written', async (choose, expected) => {
    const home = place();
    const base = await home.save('settings.json', settings('sonnet'));
    const lost = await home.save('settings.json', settings('opus'));
    const cause = await home.save('settings.json', settings('sonnet'));
    const incident = await home.incident(base, lost, cause);
    await home.save('settings.json', settings('haiku'));
    const error = await refusal(home.restoreIncident(incident));
    expect(error.code).toBe('conflict');
    expect(error.message).toContain('opus');
    expect(error.message).toContain('haiku');
    expect(error.hint).toContain('--theirs');
    expect(home.text('settings.json')).toBe(settings('haiku'));
    await home.restoreIncident(incident, choose);
    expect(home.text('settings.json')).toBe(settings(expected));
  });
});

describe('what cannot be restored', () => {
  it('an incident without lost text', async () => {
    const { home, path, incident } = await indexStory();
    const drift = { ...incident, lost: null, fingerprints: [] };
    expect((await refusal(home.restoreIncident(drift))).code).toBe('refused');
    expect(home.text(path)).toBe(index(cite));
  });

  it.each(['../outside.md', '/etc/passwd', 'a/../../outside.md', ''])(
    'a path that leads out of the root: %j',
    async path => {
      const { home, incident } = await indexStory();
      expect((await refusal(home.restoreIncident({ ...incident, path }))).code).toBe('refused');
    },
  );

  it('a folder in place of the file', async () => {
    const { home, path, incident } = await indexStory();
    rmSync(join(home.root.path, path));
    mkdirSync(join(home.root.path, path));
    expect((await refusal(home.restoreIncident(incident))).code).toBe('refused');
  });

  it('a file where its folder was', async () => {
    const { home, incident } = await indexStory();
    rmSync(join(home.root.path, 'skills'), { recursive: true });
    home.write('skills', 'a file');
    const error = await refusal(home.restoreIncident(incident));
    expect(error.code).toBe('disk');
    expect(error.hint).toContain('a file stands where a folder was');
    expect(home.text('skills')).toBe('a file');
  });

  it('a root that is not there', async () => {
    const { home, incident } = await indexStory();
    rmSync(home.root.path, { recursive: true });
    expect((await refusal(home.restoreIncident(incident))).code).toBe('disk');
  });

  it('a file beside the root is one of it when the root says so', async () => {
    const home = place({ beside: ['../.claude.json'] });
    const lost = await home.save('../.claude.json', '{"a": 1}');
    await home.save('../.claude.json', '{}');
    await home.restoreVersion(lost);
    expect(home.text('../.claude.json')).toBe('{"a": 1}');
  });

  it.skipIf(process.getuid?.() === 0)(
    'a folder without write permission: said, and nothing is left behind',
    async () => {
      const { home, path, incident } = await indexStory();
      chmodSync(join(home.root.path, 'skills'), 0o555);
      const error = await refusal(home.restoreIncident(incident));
      expect(error.code).toBe('disk');
      expect(error.hint).toContain('--to');
      chmodSync(join(home.root.path, 'skills'), 0o755);
      expect(home.text(path)).toBe(index(cite));
      expect(readdirSync(join(home.root.path, 'skills'))).toEqual(['_index.md']);
    },
  );

  it.skipIf(process.platform !== 'linux')('a name that is no UTF-8 is restored under that name', async () => {
    const home = place();
    const path = `notes/caf\udce9.md`;
    const lost = await home.save(path, notes(invariants));
    await home.save(path, notes());
    await home.restoreVersion(lost);
    expect(home.text(path)).toBe(notes(invariants));
    const names = readdirSync(join(home.root.path, 'notes'), { encoding: 'buffer' });
    expect(names).toEqual([Buffer.from('caf\xe9.md', 'latin1')]);
  });
});

/** A file that a write broke comes back whole, with what only the broken one has. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareUnits } from '../../src/documents/compare.ts';
import { parseDocument } from '../../src/documents/document.ts';
import { mend } from '../../src/documents/mend.ts';

const bytesOf = (text: string | Uint8Array) => (typeof text === 'string' ? Buffer.from(text) : text);

/** What `restore` does with an incident about a write that broke a file: `cause` is what it left, `present` what stands there by now. */
const told = (
  path: string,
  lost: string | Uint8Array,
  cause: string | Uint8Array,
  present = cause,
  base: string | null = null,
) => {
  const [whole, broken] = [parseDocument(path, bytesOf(lost)), parseDocument(path, bytesOf(cause))];
  const mending = {
    path,
    base: base === null ? null : Buffer.from(base),
    lost: whole.bytes,
    cause: broken.bytes,
    present: bytesOf(present),
    fingerprints: compareUnits(whole.units, broken.units).removed.map(unit => unit.fingerprint),
  };
  const mended = mend(mending);
  const again = mend({ ...mending, present: mended.bytes });
  expect(Buffer.compare(again.bytes, mended.bytes), 'twice is once').toBe(0);
  expect(again.conflicts.length).toBe(mended.conflicts.length);
  return {
    text: Buffer.from(mended.bytes).toString('utf8'),
    removed: mended.removed.map(unit => unit.text),
    conflicts: mended.conflicts.length,
  };
};

const notes = '# Notes\n\n- one: the first thing\n- two: the second thing\n- three: the third thing\n';
const two = notes.indexOf('- two');
const settings = `{
  // by hand
  "model": "opus",
  "env": { "PORT": "8123" },
  "permissions": {
    "allow": ["Bash(ls)", "Bash(git status)"]
  },
  "statusLine": { "type": "command", "command": "line.sh" }
}
`;

describe('a Markdown file', () => {
  it.each<[string, string, string, string, readonly string[]]>([
    ['emptied: the lost version', '', '', notes, []],
    ['emptied, and written to since: both', '', '# New\n\n- four\n', `# New\n\n- four\n\n${notes}`, []],
    ['cut within a line: the half line goes', notes.slice(0, 45), notes.slice(0, 45), notes, ['- two: the se']],
    [
      'cut within a line, and appended to',
      notes.slice(0, 45),
      `${notes.slice(0, 45)}- four: new\n`,
      `${notes}- four: new\n`,
      ['- two: the se'],
    ],
    [
      'padded with NUL',
      `${notes.slice(0, two)}${'\0'.repeat(40)}`,
      `${notes.slice(0, two)}${'\0'.repeat(40)}`,
      notes,
      ['40 NUL bytes'],
    ],
    [
      'cut within a line, with a line that was edited: the newer one stays',
      `${notes.slice(0, two).replace('first', 'very first')}- two: the se${'\0'.repeat(9)}`,
      `${notes.slice(0, two).replace('first', 'very first')}- two: the se${'\0'.repeat(9)}`,
      notes.replace('first', 'very first'),
      ['9 NUL bytes', '- two: the se'],
    ],
    ['nothing but NUL', '\0'.repeat(1024), '\0'.repeat(1024), notes, ['1,024 NUL bytes']],
    [
      'a hole of NUL',
      `${notes.slice(0, 45)}${'\0'.repeat(20)}third thing\n`,
      `${notes.slice(0, 45)}${'\0'.repeat(20)}third thing\n`,
      notes,
      ['20 NUL bytes', 'third thing', '- two: the se'],
    ],
    [
      'NUL, and a line that is newer',
      `${'\0'.repeat(20)}\n- four: new\n`,
      `${'\0'.repeat(20)}\n- four: new\n`,
      `\n- four: new\n\n${notes}`,
      ['20 NUL bytes'],
    ],
    [
      'a byte order mark',
      `\ufeff${notes}`,
      `\ufeff${notes}- four\n`,
      `${notes}- four\n`,
      ['a byte order mark (EF BB BF)'],
    ],
  ])('%s', (_, cause, present, text, removed) => {
    expect(told('n.md', notes, cause, present)).toEqual({ text, removed, conflicts: 0 });
  });
});

describe('a settings file', () => {
  const cut = settings.indexOf('git status');
  it.each<[string, string, string, string, readonly string[]]>([
    ['emptied', '', '', settings, []],
    ['cut', settings.slice(0, cut), settings.slice(0, cut), settings, ['"Bash(']],
    ['no JSON at all', 'Internal Server Error\n', 'Internal Server Error\n', settings, ['Internal Server Error\n']],
    [
      'cut, with a member that is newer',
      '{\n  "model": "opus",\n  "theme": "dark",\n  "env": { "PORT": "81',
      '{\n  "model": "opus",\n  "theme": "dark",\n  "env": { "PORT": "81',
      settings.replace('"opus",\n', '"opus",\n  "theme": "dark",\n'),
      ['"81'],
    ],
    [
      'cut, with a value that is newer, and a number cut in two',
      '{ "model": "sonnet", "env": { "DEBUG": "1" }, "timeout": 81',
      '{ "model": "sonnet", "env": { "DEBUG": "1" }, "timeout": 81',
      settings.replace('opus', 'sonnet').replace('"8123"', '"8123", "DEBUG": "1"'),
      ['81'],
    ],
    [
      'a comma is missing: what was added by hand stays',
      settings.replace('"opus",', '"opus"\n  "theme": "dark",'),
      settings.replace('"opus",', '"opus"\n  "theme": "dark",'),
      settings.replace('"opus",\n', '"opus",\n  "theme": "dark",\n'),
      [],
    ],
    [
      'a shorter text over a longer one that was not cut: the rest of the old goes',
      `{ "model": "haiku" }\n${settings.slice(20)}`,
      `{ "model": "haiku" }\n${settings.slice(20)}`,
      settings.replace('opus', 'haiku'),
      [settings.slice(20).trim()],
    ],
    [
      'cut in a new server: half a server is none',
      '{ "mcpServers": { "git": { "command": "npx", "args": ["-y", "mcp-g',
      '{ "mcpServers": { "git": { "command": "npx", "args": ["-y", "mcp-g',
      settings,
      ['["-y", "mcp-g', '"npx"'],
    ],
    [
      'cut in the permissions: those before the cut stay',
      '{ "permissions": { "allow": ["Bash(ls)", "Bash(npm test)", "Bash(np',
      '{ "permissions": { "allow": ["Bash(ls)", "Bash(npm test)", "Bash(np',
      settings.replace('"Bash(ls)", ', '"Bash(ls)", "Bash(npm test)", '),
      ['"Bash(np'],
    ],
    [
      'padded with NUL',
      settings.slice(0, 50) + '\0'.repeat(9),
      settings.slice(0, 50) + '\0'.repeat(9),
      settings,
      ['9 NUL bytes'],
    ],
    ['a byte order mark', `\ufeff${settings}`, `\ufeff${settings}`, settings, ['a byte order mark (EF BB BF)']],
  ])('%s', (_, cause, present, text, removed) => {
    expect(told('settings.json', settings, cause, present)).toEqual({ text, removed, conflicts: 0 });
  });

  it('a stub: all comes back, and what the program set stays', () => {
    const lost = `{ "numStartups": 212, "installMethod": "native", "autoUpdates": true, "theme": "dark", "mcpServers": { "a": { "command": "x", "args": ["-y"] } }, ${['b', 'c', 'd', 'e', 'f', 'g', 'h'].map(key => `"${key}": 1`).join(', ')} }`;
    const stub = '{"numStartups":1,"installMethod":"native","autoUpdates":false}';
    const { text, conflicts } = told('.claude.json', lost, stub);
    expect(conflicts).toBe(0);
    expect(JSON.parse(text)).toEqual({ ...JSON.parse(lost), numStartups: 1, autoUpdates: false });
  });

  it('a value that only the later write changed stays, when all of the lost version was asked for', () => {
    const [base, cause] = ['{ "a": 1, "b": 2, "c": 3 }', '{ "a": 9, "c": 3 }'];
    const fingerprints = parseDocument('x.json', Buffer.from(base)).units.map(unit => unit.fingerprint);
    const [lost, present] = [Buffer.from(base), Buffer.from(cause)];
    const mended = mend({ path: 'x.json', base: lost, lost, present, cause: present, fingerprints });
    expect([Buffer.from(mended.bytes).toString(), mended.conflicts]).toEqual(['{ "a": 9, "b": 2, "c": 3 }', []]);
  });

  it('an older value in the wreck is not newer: its writer had not seen the lost one', () => {
    const base = settings.replace('opus', 'haiku');
    expect(told('settings.json', settings, '{ "model": "haiku", "env": {', undefined, base).text).toBe(settings);
  });

  it("two sides between markers are a person's to choose", () => {
    const marked = settings.replace(
      '  "model": "opus",\n',
      '<<<<<<< a\n  "model": "opus",\n=======\n  "model": "x",\n>>>>>>> b\n',
    );
    expect(told('settings.json', settings, marked)).toMatchObject({ text: marked, conflicts: 1 });
  });

  it('an incident about one member does not bring back the others of a file that was broken later', () => {
    const lost = parseDocument('settings.json', Buffer.from(settings));
    const fingerprints = lost.units.filter(unit => unit.name === 'model').map(unit => unit.fingerprint);
    const present = Buffer.from('{ "env": {');
    const mended = mend({ path: 'settings.json', base: null, lost: lost.bytes, present, fingerprints });
    expect(mended.conflicts).toHaveLength(1);
    expect(Buffer.compare(mended.bytes, present)).toBe(0);
  });

  it('a letter that the cut went through', () => {
    const lost = '{ "name": "für", "z": 1 }';
    const cause = Buffer.from(lost).subarray(0, 13);
    expect(told('x.json', lost, cause)).toMatchObject({ text: lost, conflicts: 0 });
  });
});

describe('what is no break', () => {
  it('NUL bytes that came with another write than the one the incident is about', () => {
    const present = `${notes}\0\0`;
    const mended = told('n.md', notes, notes.replace(/- two.*\n/, ''), present);
    expect(mended).toMatchObject({ text: present, conflicts: 1 });
  });

  it('a byte order mark of a write that took text: the text comes back, the mark stays', () => {
    const cause = `\ufeff${notes.replace(/- two.*\n/, '')}`;
    expect(told('n.md', notes, cause)).toEqual({ text: `\ufeff${notes}`, removed: [], conflicts: 0 });
  });

  it('a tail that was deleted at the end of a line is put back as any text is', () => {
    const cause = notes.slice(0, two);
    expect(told('n.md', notes, cause, `${cause}- four\n`)).toMatchObject({ removed: [], conflicts: 0 });
  });
});

it('wherever JSON is cut, it comes back as it was; wherever it is cut after a new member, that stays', () => {
  const newer = settings.replace('"opus",\n', '"opus",\n  "theme": "dark",\n');
  fc.assert(
    fc.property(fc.integer({ min: 1, max: settings.length - 3 }), at => {
      expect(told('settings.json', settings, settings.slice(0, at))).toMatchObject({ text: settings, conflicts: 0 });
      const had = at >= newer.indexOf('"dark"') + 6;
      if (at < newer.length - 3)
        expect(told('settings.json', settings, newer.slice(0, at)).text).toBe(had ? newer : settings);
    }),
    { numRuns: 250 },
  );
});

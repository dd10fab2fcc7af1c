/** What somebody types who does not know the commands: each call is answered with the command that goes on from there. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Desk } from './helpers/in-process.ts';

const index = (...names: readonly string[]) =>
  `# Skills\n\n${names.map(name => `- [${name}](${name}/SKILL.md) — all about ${name}\n`).join('')}`;
const skill = (name: string) => `---\nname: ${name}\ndescription: about ${name}\n---\n\n# ${name}\n`;

const desk = new Desk({
  'CLAUDE.md': '# Rules\n\n- be kind\n',
  'skills/_index.md': index('pdf'),
  'skills/pdf/SKILL.md': skill('pdf'),
  'projects/p1/memory/MEMORY.md': '# Memory\n\n- [Architecture](architecture.md) — how it is built\n',
  'projects/p1/memory/architecture.md': '# Architecture\n\nOne process reads.\n',
  'projects/p2/memory/MEMORY.md': '# Memory\n\n- nothing yet\n',
  'notes/meeting notes.md': '# Meeting\n\n- Monday\n',
  'agents/old.md': skill('old'),
  '.credentials.json': '{ "token": "sk-ant-api03-0000000000000000" }\n',
});
let id = '';
let restored = '';
let calls = 0;

beforeAll(async () => {
  await desk.run('snapshot');
  for (const names of [
    ['pdf', 'voice'],
    ['pdf', 'cite'],
    ['pdf', 'cite', 'x'],
  ]) {
    for (const name of names.slice(1)) desk.write(`skills/${name}/SKILL.md`, skill(name));
    desk.write('skills/_index.md', index(...names));
    desk.delete('agents');
    await desk.run('snapshot');
    desk.write('agents/old.md', skill('old'));
  }
  desk.delete('agents/old.md');
  await desk.run('snapshot');
  desk.write('CLAUDE.md', '# Rules\n\n- be kind\n- be brief\n');
  await desk.run('snapshot');
  desk.write('skills/.DS_Store', 'x');
  const { incidents } = JSON.parse((await desk.run('audit', '--json')).out);
  id = incidents.find((each: { path: string }) => each.path === 'skills/_index.md').id;
  await desk.run('restore', 'CLAUDE.md', '--at', '2000');
  restored = /undo (r\w+)/.exec((await desk.run('restore', id)).out)![1]!;
});
afterAll(() => desk.remove());

/**
 * Words, and what error and hint must name. `ID` stands for the id of the incident, `RID` for that of its restore, `LATE` for a file that is
 * not kept yet.
 */
type Row = readonly [words: string, answer: RegExp];

const rows: Readonly<Record<string, readonly Row[]>> = {
  'commands of other programs, and typos': [
    ['audti', /did you mean `undertext audit`\?/],
    ['restor ID', /did you mean `undertext restore`\?/],
    ['logs', /did you mean `undertext log`\?/],
    ['stat', /did you mean `undertext status`\?/],
    ['history CLAUDE.md', /did you mean `undertext log`\?/],
    ['list', /did you mean `undertext ls`\?/],
    ['recover ID', /did you mean `undertext restore`\?/],
    ['revert ID', /did you mean `undertext restore`\?/],
    ['search brief', /did you mean `undertext find`\?/],
    ['grep brief', /did you mean `undertext find`\?/],
    ['start', /did you mean `undertext watch`\?/],
    ['rm CLAUDE.md', /did you mean `undertext forget`\?/],
    ['ignore ID', /did you mean `undertext accept`\?/],
    ['frob', /`undertext --help` lists the commands/],
    ['help frob', /`undertext --help` lists the commands/],
    ['ID', /`undertext show ID` shows an incident, `undertext restore ID` brings its text back/],
    ['CLAUDE.md', /`undertext log CLAUDE.md` lists its versions/],
    ['skills/_index.md log', /put the command first: `undertext log …`/],
  ],
  options: [
    ['audit --al', /audit has no option --al\n.*did you mean --all\?/],
    ['audit --jsno', /did you mean --json\?/],
    ['restore ID --dryrun', /did you mean --dry-run\?/],
    ['restore ID --force', /restore has no option --force\n.*`undertext restore --help` shows the options/],
    ['log --sinse 2h', /did you mean --since\?/],
    ['log -x', /log has no option -x/],
    ['audit --since', /--since needs a value\n.*write --since/],
    ['audit --since soon', /"soon" is no time\n.*write 2h/],
    ['log --since soon', /"soon" is not a time\n.*write 2h/],
    ['ls --at soon', /"soon" is not a time\n.*write 2h/],
    ['log --limit many', /"many" is not a number of rows\n.*write --limit 100/],
    ['audit --format xml', /there is no format "xml"\n.*table, json/],
    ['audit --rule nope', /there is no rule "nope"\n.*`undertext rules` lists them/],
    ['audit --fail-on sure', /"sure".*\n.*likely/],
    ['audit --all=yes', /--all takes no value/],
    ['restore ID --ours --theirs', /exclude each other\n.*choose one/],
    ['restore CLAUDE.md --section Style', /--section needs --at/],
    ['--frob', /there is no option --frob\n.*`undertext --help` shows the options/],
  ],
  'names and paths': [
    [
      'log MEMORY.md',
      /"MEMORY.md" could be 2 paths\n.*projects\/p\d\/memory\/MEMORY.md.*\n.*projects\/p\d\/.*\n.*type more/,
    ],
    ['cat MEMORY.md', /could be 2 paths/],
    ['restore MEMORY.md --at 2h', /could be 2 paths/],
    [
      'log MEMROY.md',
      /projects\/p1\/memory\/MEMORY.md\n.*projects\/p2\/memory\/MEMORY.md\n.*did you mean one of these\?/,
    ],
    ['cat CLAUD.md', /did you mean CLAUDE.md\?/],
    ['blame archtecture.md', /did you mean projects\/p1\/memory\/architecture.md\?/],
    ['diff skills/_indx.md', /did you mean skills\/_index.md\?/],
    ['cat skills', /skills is a folder\n.*`undertext ls skills`/],
    ['blame memory', /"memory" could be 2 paths\n.*projects\/p\d\/memory\/\n/],
    ['log skills/.DS_Store', /is not kept by undertext\n.*temporary files/],
    ['log LATE', /no version of late \d+.md is kept yet\n.*`undertext snapshot` keeps it now/],
    ['cat nope.md', /no version of "nope.md" is kept\n.*`undertext ls`/],
    ['cat CLAUDE.md@zzzz', /has no version "zzzz"\n.*`undertext log CLAUDE.md` lists/],
    ['cat CLAUDE.md@2000-01-01', /was kept that early\n.*the first is \w{10}/],
    ['ls skills --at 2000-01-01', /nothing is known of .* there\n.*the first version that is kept/],
    ['restore skills --at 2000-01-01', /known to have been there then\n.*`undertext ls skills`/],
    ['restore skills --at zzzz', /a folder is restored to a time/],
    ['restore CLAUDE.md', /a path is restored with --at\n.*`undertext restore CLAUDE.md --at VERSION`/],
    ['restore skills', /a path is restored with --at\n.*`undertext restore skills --at TIME`/],
    ['restore nope.md', /no version of "nope.md" is kept\n.*`undertext ls`/],
    ['cat .credentials.json', /is a secret/],
    ['cat', /`undertext cat --help` shows examples/],
    ['blame', /`undertext blame --help` shows examples/],
    ['diff', /`undertext diff --help` shows examples/],
    ['log CLAUDE.md skills', /one argument too many/],
  ],
  'incidents and restores': [
    ['show', /`undertext show --help` shows examples/],
    ['show zzzzzz', /there is no incident "zzzzzz"/],
    ['restore zzzzzz', /there is no incident "zzzzzz"\n.*(did you mean|`undertext audit --all`)/],
    ['accept ID', /with a reason\n.*`?undertext accept ID --reason/],
    ['accept', /`undertext accept --help` shows examples/],
    ['accept ID --reason meant', /ID is resolved: its text is back\n.*`undertext show ID`/],
    ['reopen', /`undertext reopen --help` shows examples/],
    ['undo rzzzzzz', /there is no restore rzzzzzz/],
    ['undo nope.md', /there is no restore/],
    ['find', /`undertext find --help` shows examples/],
    ['forget', /`undertext forget --help` shows examples/],
    ['forget MEMORY.md', /MEMORY.md/],
    ['import --git', /--git needs a value/],
  ],
};

for (const [kind, table] of Object.entries(rows)) {
  describe(kind, () => {
    it.each(table)('%s', async (words, answer) => {
      desk.write(`late ${++calls}.md`, '# Late\n');
      const typed = words
        .split(' ')
        .map(word => word.replace('RID', restored).replace('ID', id).replace('LATE', `late ${calls}.md`));
      const { code, out, err } = await desk.run(...typed);
      expect([code === 2 || code === 3, out]).toEqual([true, '']);
      expect(err.replaceAll(restored, 'RID').replaceAll(id, 'ID')).toMatch(answer);
      expect(err).toMatch(/^error: .+\n(?: {2}.+\n)*hint: .+\n$/);
      for (const command of commandsIn(err)) expect([command, (await goOn(command)).code]).not.toEqual([command, 2]);
    });
  });
}

/** The commands of a hint that can be typed as they stand. */
function commandsIn(err: string): readonly string[] {
  return [...err.slice(err.indexOf('\n')).matchAll(/`undertext ([^`]+)`/g)]
    .map(found => found[1]!)
    .filter(words => !/[A-Z]{4,}\b(?!\.md)|…/.test(words));
}

/** Without writing anything, and without waiting for what a watcher sees. */
async function goOn(command: string) {
  const words = [...command.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(found => found[1] ?? found[2] ?? found[3]!);
  const isWriting = ['restore', 'undo'].includes(words[0]!) && words.length > 1 && !words.includes('--help');
  if (['watch', 'find', 'forget', 'accept'].includes(words[0]!)) return await desk.run(words[0]!, '--help');
  return await desk.run(...words, ...(isWriting ? ['--dry-run'] : []));
}

it('is a list of sixty calls or more', () => {
  expect(Object.values(rows).flat().length).toBeGreaterThanOrEqual(60);
});

// Our own scenarios, in the shape of the lab's: what stands there first, what each session is told to do, and how they are
// started. `about` says what a run is judged by: the text of A, the file, and who overwrites it with which scripts.
const memory = '# Memory\n\n## Build\nUse `pnpm build` before tests.\n\n## Deploy\nDeploy from main only.\n';
const added = '\n## Rotation\nThe on-call list is rotated on Mondays.\n';
const own = '\n## Reviews\nAsk for two approvals.\n';
const text = 'Rotation';
const index = '# Skills\n\n- [recorder](recorder/SKILL.md) — records a session\n';
const line = '- [voice-buffer](voice-buffer/SKILL.md) — keeps what was said';
const ownLine = '- [tracker](tracker/SKILL.md) — keeps what was quoted';
const settings = { model: 'opus', permissions: { allow: ['Bash(git status:*)'] } };
const json = value => `${JSON.stringify(value, null, 2)}\n`;
const allow = (...more) => json({ ...settings, permissions: { allow: ['Bash(git status:*)', ...more] } });

const read = file_path => [{ tool: 'Read', input: { file_path } }];
const write = (file_path, content) => [{ tool: 'Write', input: { file_path, content } }];
const edit = (file_path, old_string, new_string) => [{ tool: 'Edit', input: { file_path, old_string, new_string } }];
const shell = command => [{ tool: 'Bash', input: { command, description: 'x' } }];
const agent = [
  { tool: 'Agent', input: { description: 'help', prompt: 'SCRIPT:SUB go', subagent_type: 'general-purpose' } },
];
const say = words => [{ text: words }];
const after = (signal, step) => [...step, { waitFor: signal }];
const then = (signal, step) => [...step, { signal }];
const overwrite = (file, content) => shell(`cat > '${file}' <<'EOF'\n${content}EOF`);
const byScript = (file, content) =>
  shell(`python3 - <<'PY'\nwith open(${JSON.stringify(file)}, 'w') as f:\n    f.write(${JSON.stringify(content)})\nPY`);

const both =
  (more = () => []) =>
  async ({ launch }) =>
    Promise.all(['C', 'A'].map(tag => launch(tag, [{ prompt: `SCRIPT:${tag}` }], more(tag))));

/** `home` is the folder that holds `.claude`. */
export function scenarios(home, project) {
  const [skills, config] = [`${home}/.claude/skills/_index.md`, `${home}/.claude/settings.json`];
  const index_ = { path: 'skills/_index.md', text: 'voice-buffer', writers: ['C'] };
  const ofMemory = { path: `projects/${project}/memory/MEMORY.md`, text, writers: ['C'] };
  const file = `${home}/.claude/${ofMemory.path}`;
  const adds = (signal, path, from, to) => [
    after(signal, read(path)),
    edit(path, from, to),
    then('a_done', say('A done')),
  ];
  return {
    'a stale write is refused, a script overwrites': {
      about: { ...index_, certainty: 'likely' },
      files: { [skills]: index },
      script: {
        C: [
          read(skills),
          after('a_done', then('c_read', write(skills, `${index}${ownLine}\n`))),
          byScript(skills, `${index}${ownLine}\n`),
          say('C done'),
        ],
        A: adds('c_read', skills, index, `${index}${line}\n`),
      },
      play: both(),
    },
    'a list that was never read is written': {
      about: index_,
      files: { [skills]: index },
      script: {
        C: [then('c_here', shell('true')), after('a_done', write(skills, `${index}${ownLine}\n`)), say('C done')],
        A: adds('c_here', skills, index, `${index}${line}\n`),
      },
      play: both(),
    },
    'settings that were never read are written': {
      about: { path: 'settings.json', text: 'Bash(pnpm test:*)', writers: ['C'] },
      files: { [config]: allow() },
      script: {
        C: [then('c_here', shell('true')), after('a_done', write(config, allow('Bash(rg:*)'))), say('C done')],
        A: adds('c_here', config, allow(), allow('Bash(pnpm test:*)')),
      },
      play: both(),
    },
    'two sessions with names': {
      about: { ...ofMemory, labels: { A: 'name of A', C: 'name of C' } },
      files: { [file]: memory },
      script: {
        C: [read(file), after('a_done', then('c_read', shell('true'))), overwrite(file, memory + own), say('C done')],
        A: adds('c_read', file, memory, memory + added),
      },
      play: both(tag => ['-n', `name of ${tag}`]),
    },
    'a sub-agent edits, its session overwrites': {
      // A record of a sub-agent's edit does not hold the whole text: who did not watch can only suppose it.
      about: { ...ofMemory, of: { lost: 'agent', cause: 'session' }, fresh: 'likely' },
      files: { [file]: memory },
      script: {
        C: [read(file), agent, after('a_done', shell('true')), overwrite(file, memory + own), say('C done')],
        SUB: [read(file), edit(file, memory, memory + added), then('a_done', say('sub done'))],
      },
      play: async ({ launch }) => launch('C', [{ prompt: 'SCRIPT:C' }]),
    },
    'a session edits, its sub-agent writes what it never read': {
      about: { ...ofMemory, writers: ['SUB'], of: { lost: 'session', cause: 'agent' } },
      files: { [file]: memory },
      script: {
        C: [read(file), agent, after('sub_here', edit(file, memory, memory + added)), then('a_done', say('C done'))],
        SUB: [then('sub_here', shell('true')), after('a_done', write(file, memory + own)), say('sub done')],
      },
      play: async ({ launch }) => launch('C', [{ prompt: 'SCRIPT:C' }]),
    },
    'taken up again, and overwritten from the old copy': {
      about: { ...ofMemory, writers: ['C1', 'C2'] },
      files: { [file]: memory },
      script: {
        C1: [read(file), say('C1 done')],
        A: [read(file), edit(file, memory, memory + added), say('A done')],
        C2: [overwrite(file, memory + own), say('C2 done')],
      },
      play: async ({ launch }) => {
        const { sid } = await launch('C', [{ prompt: 'SCRIPT:C1' }]);
        await launch('A', [{ prompt: 'SCRIPT:A' }]);
        return launch('C2', [{ prompt: 'SCRIPT:C2' }], ['--resume', sid]);
      },
    },
    'refused, read again, and left out on purpose': {
      about: ofMemory,
      files: { [file]: memory },
      script: {
        C: [
          read(file),
          after('a_done', then('c_read', write(file, memory + own))),
          read(file),
          write(file, memory + own),
          say('C done'),
        ],
        A: adds('c_read', file, memory, memory + added),
      },
      play: both(),
    },
  };
}

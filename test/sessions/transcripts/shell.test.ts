/** What shell commands do to files: caught beside quiet. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shellTouches } from '../../../src/sessions/transcripts/shell.ts';
import { oncePerPlace } from '../../../src/sessions/transcripts/shell-targets.ts';
import type { ShellTouch } from '../../../src/sessions/transcripts/touch.ts';

const heredoc = (text: string, word = 'EOF') => `<<'${word}'\n${text}${word}`;

/** `deed path → content`, one a touch; shown files have the deed `show`, and `alone` when they are all of the output. */
function said({ spelled, cwd, deed, after, isAlone }: ShellTouch): string {
  const path =
    spelled.startsWith('/') || spelled.startsWith('~') || spelled.startsWith('$') ? spelled : `${cwd}/${spelled}`;
  const text = after === undefined ? '' : ` → ${JSON.stringify(after)}`;
  return `${deed ?? 'show'} ${path}${isAlone === true ? ' alone' : ''}${text}`;
}

const table: readonly (readonly [command: string, ...touches: string[]])[] = [
  // The whole content stands in the command.
  [`cat > /r/a.md ${heredoc('# A\n$x `y`\n')}`, 'write /r/a.md → "# A\\n$x `y`\\n"'],
  [
    `cat ${heredoc('one\n')} > /r/a.md`.replace("<<'EOF'\none\nEOF > /r/a.md", "<<'EOF' > /r/a.md\none\nEOF"),
    'write /r/a.md → "one\\n"',
  ],
  ['cat <<"END" >/r/a.md\none\nEOF\nEND\n', 'write /r/a.md → "one\\nEOF\\n"'],
  ['cat > /r/a.md <<\\EOF\n$HOME\nEOF', 'write /r/a.md → "$HOME\\n"'],
  ["cat > /r/a.md <<-'EOF'\n\tone\n\t\ttwo\n\tEOF", 'write /r/a.md → "one\\ntwo\\n"'],
  ['cat > /r/a.md << EOF\nplain words\nEOF', 'write /r/a.md → "plain words\\n"'],
  [`cat > "/r/my notes.md" ${heredoc('x\n')}\nls`, 'write /r/my notes.md → "x\\n"'],
  [`tee /r/a.md ${heredoc('x\n')}`, 'write /r/a.md → "x\\n"'],
  [`tee /r/a.md /r/b.md > /dev/null ${heredoc('x\n')}`, 'write /r/a.md → "x\\n"', 'write /r/b.md → "x\\n"'],
  [
    `cat ${heredoc('x\n')} | sudo tee /r/a.md`.replace(
      "<<'EOF'\nx\nEOF | sudo tee /r/a.md",
      "<<'EOF' | sudo tee /r/a.md\nx\nEOF",
    ),
    'write /r/a.md → "x\\n"',
  ],
  ['echo "# Memory" > /r/a.md', 'write /r/a.md → "# Memory\\n"'],
  ["echo -n 'x' > /r/a.md", 'write /r/a.md → "x"'],
  ["printf '%s\\n' '- one' '- two' > /r/a.md", 'write /r/a.md → "- one\\n- two\\n"'],
  ["printf '# A\\n\\n100%%\\n' > /r/a.md", 'write /r/a.md → "# A\\n\\n100%\\n"'],
  ['> /r/a.md', 'write /r/a.md → ""'],
  [': > /r/a.md', 'write /r/a.md → ""'],
  ['truncate -s 0 /r/a.md', 'write /r/a.md → ""'],
  ["cat > /r/a.md <<< 'one line'", 'write /r/a.md → "one line\\n"'],
  [`F=/r/a.md; cat > "$F" ${heredoc('x\n')}`, 'write /r/a.md → "x\\n"'],
  [`D="/r"\ncat > "\${D}/b/a.md" ${heredoc('x\n')}`, 'write /r/b/a.md → "x\\n"'],
  [`mkdir -p /r/s && cat > /r/s/SKILL.md ${heredoc('x\n')}\necho done`, 'write /r/s/SKILL.md → "x\\n"'],
  [`bash -c 'echo x > /r/a.md'`, 'write /r/a.md → "x\\n"'],
  // All of it, but from elsewhere: nothing is said of the content.
  ['cat > /r/a.md << EOF\n$(date)\nEOF', 'replace /r/a.md'],
  ['cat > /r/a.md << EOF\n`date`\nEOF', 'replace /r/a.md'],
  ['date > /r/a.md', 'replace /r/a.md'],
  ['echo "$x" > /r/a.md', 'replace /r/a.md'],
  ["echo 'a\\nb' > /r/a.md", 'replace /r/a.md'],
  ['printf "%d" 3 > /r/a.md', 'replace /r/a.md'],
  ['jq . /r/x.json > /r/a.json', 'replace /r/a.json'],
  ['make &> /r/a.log', 'replace /r/a.log'],
  ['{ echo a; echo b; } > /r/a.md', 'replace /r/a.md'],
  ['(cd /tmp; ls) > /r/a.md', 'replace /r/a.md'],
  ['for i in 1 2; do echo $i; done > /r/a.md', 'replace /r/a.md'],
  ['cp /tmp/x.md /r/a.md', 'replace /r/a.md'],
  ['cp /tmp/x.md /r/', 'replace /r/x.md'],
  ['cp a.md b.md /r/s', 'replace /r/s/a.md', 'replace /r/s/b.md'],
  ['cp -t /r/s a.md', 'replace /r/s/a.md'],
  ['install -m 600 /tmp/x.md /r/a.md', 'replace /r/a.md'],
  ['dd if=/tmp/x of=/r/a.md', 'replace /r/a.md'],
  ['sort -o /r/a.md /r/a.md', 'replace /r/a.md'],
  ['git checkout -- /r/a.md', 'replace /r/a.md'],
  ['mv /tmp/x.md /r/a.md', 'remove /tmp/x.md', 'replace /r/a.md'],
  // Perhaps.
  [`test -f /r/a.md || cat > /r/a.md ${heredoc('x\n')}`, 'replace /r/a.md'],
  [`if true; then cat > /r/a.md ${heredoc('x\n')}\nfi`, 'replace /r/a.md'],
  ['f() { echo x > /r/a.md; }', 'replace /r/a.md'],
  [`[ -f /r/b.md ] && cat > /r/a.md ${heredoc('x\n')}\nls`, 'replace /r/a.md'],
  [`grep -q x /r/a.md && echo y && echo x > /r/a.md`, 'show /r/a.md', 'replace /r/a.md'],
  ["cat > /r/a.md <<'EOF'\nit never ends", 'replace /r/a.md'],
  // Some of it.
  [`cat >> /r/a.md ${heredoc('- new\n')}`, 'append /r/a.md → "- new\\n"'],
  ["printf '%s\\n' '- new' >> '/r/a.md'", 'append /r/a.md → "- new\\n"'],
  ["echo '- new' | tee -a /r/a.md", 'append /r/a.md → "- new\\n"'],
  ['date >> /r/a.md', 'append /r/a.md'],
  ["sed -i 's/a/b/' /r/a.md", 'edit /r/a.md'],
  ["sed -i '' -e 's/a/b/' /r/a.md", 'edit /r/a.md'],
  ["sed -i.bak 's|/x/|/y/|' /r/a.md /r/b.md", 'edit /r/a.md', 'edit /r/b.md'],
  ["perl -pi -e 's/a/b/' /r/a.md", 'edit /r/a.md'],
  ['rm -f /r/a.md', 'remove /r/a.md'],
  ['rm -rf /r/old/ && ls', 'remove /r/old/'],
  ['mv /r/a.md /r/b.md', 'remove /r/a.md', 'replace /r/b.md'],
  // A script may do anything.
  [`python3 - <<'PY'\np='/r/a.md'\nopen(p,'w').write('x')\nPY`, 'run /r/a.md'],
  ["python -c \"open('/r/a.md','a')\"", 'run /r/a.md'],
  ['node build.mjs /r/a.md', 'run /r/a.md'],
  ['prettier --write /r/a.md', 'run /r/a.md'],
  ['find /r -name x -delete', 'run /r'],
  ['for f in /r/a.md /r/b.md; do sed -i s/a/b/ "$f"; rm $f; done', 'run /r/a.md', 'run /r/b.md'],
  // Where.
  ['cd /r && rm a.md', 'remove /r/a.md'],
  ['cd /r; (cd s; rm b.md); rm a.md', 'remove /r/s/b.md', 'remove /r/a.md'],
  ['rm a.md', 'remove /work/a.md'],
  ['cd ~/.claude/skills && rm a.md', 'remove ~/.claude/skills/a.md'],
  ['rm ~/.claude/a.md "$HOME/.claude/b.md"', 'remove ~/.claude/a.md', 'remove $HOME/.claude/b.md'],
  ['cd "$(dirname \'/r/s/x.md\')" && rm a.md', 'remove /r/s/a.md'],
  ['git -C /r checkout -- a.md', 'replace /r/a.md'],
  ["git diff --no-index /w/x.md '/r/a.md'", 'show /w/x.md', 'show /r/a.md'],
  ['cd "$(mktemp -d)" && rm a.md', 'remove null/a.md'],
  // It is only shown.
  ['cat /r/a.md', 'show /r/a.md alone'],
  ['cat /r/a.md /r/b.md', 'show /r/a.md', 'show /r/b.md'],
  ['cat -n /r/a.md', 'show /r/a.md'],
  ['cat /r/a.md; ls', 'show /r/a.md'],
  ['head -20 /r/a.md', 'show /r/a.md'],
  ["sed -n '1,5p' /r/a.md", 'show /r/a.md'],
  ['grep -n x /r/a.md | head', 'show /r/a.md'],
];

const quiet: readonly string[] = [
  'ls -la /r',
  'cat /r/a.md > /dev/null',
  'x=$(cat /r/a.md)',
  'test -f /r/a.md && echo yes',
  'wc -l /r/a.md 2>/dev/null',
  'mkdir -p /r/s',
  'chmod 600 /r/a.md',
  "echo 'rm /r/a.md'",
  '# rm /r/a.md',
  `git commit -m "$(cat <<'EOF'\nIt's (not) > /r/a.md\nEOF\n)"`,
  'npm test 2>&1',
  'python3 /r/hooks/check.py',
  'git add /r/a.md && git status',
];

describe('what a shell command does', () => {
  it.each(table.map(([command, ...touches]) => [command, touches] as const))('caught: %s', (command, touches) => {
    expect(shellTouches(command, '/work', false).map(said)).toEqual(touches);
  });

  it.each(quiet)('quiet: %s', command => {
    expect(shellTouches(command, '/work', false).map(said)).toEqual([]);
  });

  it('says once what became of a file', () => {
    const all = (command: string) =>
      oncePerPlace(shellTouches(command, '/work', false), ({ spelled: path }) => ({ root: 'r', path })).map(
        ({ deed, place, after }) => `${deed} ${place.path} ${after ?? ''}`,
      );
    expect(all('echo a > /r/x; echo b >> /r/x')).toEqual(['write /r/x a\nb\n']);
    expect(all('mv /r/x /r/y; echo a > /r/x')).toEqual(['write /r/x a\n', 'replace /r/y ']);
    expect(all('echo a > /r/x; sed -i s/a/b/ /r/x')).toEqual(['replace /r/x ']);
    expect(all('echo a > /r/x; rm /r/x')).toEqual(['remove /r/x ']);
    expect(all('echo a >> /r/x; date >> /r/x')).toEqual(['append /r/x ']);
    expect(all('cat /r/x; rm /r/x')).toEqual(['null /r/x ', 'remove /r/x ']);
  });

  it('says of PowerShell only what it names, and whether it may change it', () => {
    const said = (command: string) =>
      shellTouches(command, 'C:\\w', true).map(({ spelled, deed }) => `${deed} ${spelled}`);
    expect(said("Set-Content -Path 'C:\\Users\\me\\.claude\\a.md' -Value 'x'")).toContain(
      'run C:\\Users\\me\\.claude\\a.md',
    );
    expect(said('Get-Content $env:USERPROFILE\\.claude\\a.md')).toContain('null $env:USERPROFILE\\.claude\\a.md');
  });

  it('never throws, and ends', () => {
    const sign = fc.constantFrom(
      ...'abc /r.md\'"`$(){}[]<>|&;#\\\n\t=~*-!'.split(''),
      '<<EOF',
      'EOF',
      '$(',
      'cat ',
      'if ',
      'fi',
    );
    fc.assert(
      fc.property(fc.array(sign, { maxLength: 60 }), signs => {
        shellTouches(signs.join(''), '/work', false);
      }),
      { numRuns: 2000 },
    );
    expect(shellTouches('('.repeat(50_000), '/work', false)).toEqual([]);
    expect(shellTouches('$('.repeat(50_000), '/work', false)).toEqual([]);
  });
});

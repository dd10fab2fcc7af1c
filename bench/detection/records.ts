/** What records would say of a history: all of them, or those that are left. */
import type { Version } from '../../src/model.ts';
import { clock } from '../../src/rule.ts';
import type { Act, KnownContent, SessionFacts } from '../../src/sessions/act.ts';
import { textsIn } from '../../src/sessions/evidence/had-text.ts';
import { testify } from '../../src/sessions/testify.ts';
import type { Deed, Play } from './play.ts';
import type { Random } from './random.ts';
import { blobOf } from './versions.ts';

/** `some`: a third of the sessions left no transcript, of another third its end is not written yet. */
export type Kept = 'none' | 'all' | 'some';

export function testimonyOf(
  { deeds, writers, end }: Play,
  versions: readonly Version[],
  read: (blob: string) => Promise<Uint8Array>,
  kept: Exclude<Kept, 'none'>,
  random: Random,
) {
  const until = new Map(
    writers.map(writer => {
      const fate = kept === 'all' ? 'whole' : random.pick(['whole', 'gone', 'late'] as const);
      const first = deeds.find(deed => deed.by === writer)?.at ?? end;
      return [writer, fate === 'whole' ? Infinity : fate === 'gone' ? 0 : first + random.int(end - first + 1)] as const;
    }),
  );
  const transcripts = new Map<string, string>();
  const acts: Act[] = [];
  for (const [i, deed] of deeds.entries()) {
    if (deed.at > until.get(deed.by)!) continue;
    const before = transcripts.get(deed.by) ?? '';
    if (deed.does !== 'cat') acts.push(actOf(deed, i, Buffer.byteLength(before)));
    transcripts.set(deed.by, `${before}${JSON.stringify(deed.shown)}\n`);
  }
  const facts = (session: string): SessionFacts => ({
    session,
    agent: null,
    label: session,
    branch: null,
    cwd: null,
    version: null,
    first: (deeds.find(deed => deed.by === session)?.at ?? end) - 60_000,
    last: end,
    transcript: `projects/p/${session}.jsonl`,
  });
  const sorted = acts.toSorted((a, b) => a.at - b.at);
  const byPath = grouped(sorted);
  return testify({
    evidence: {
      acts: ({ path }) => byPath.get(path) ?? [],
      paths: () => [...byPath.keys()].map(path => ({ root: 'home', path })),
      session: ({ session }) => (transcripts.has(session) ? facts(session) : undefined),
      sessions: () => [...transcripts.keys()].map(facts),
      signature: ({ path }) => String(byPath.get(path)?.length ?? 0),
      hadText: (act, texts) => textsIn(bytesOf(transcripts.get(act.session)!), act.offset, texts),
      wasPrompted: async () => false,
    },
    versions: ({ path }) => versions.filter(version => version.path === path),
    read,
    clock,
  });
}

function grouped(acts: readonly Act[]): ReadonlyMap<string, readonly Act[]> {
  const groups = new Map<string, Act[]>();
  for (const act of acts) groups.set(act.path, [...(groups.get(act.path) ?? []), act]);
  return groups;
}

function actOf({ by, at, path, does, before, after }: Deed, i: number, offset: number): Act {
  const tool = { read: 'Read', cat: 'Bash', write: 'Write', edit: 'Edit' }[does];
  return {
    id: `t${i}`,
    session: by,
    agent: null,
    kind: does === 'cat' ? 'part' : does,
    tool,
    root: 'home',
    path,
    asked: at - 20,
    at: at + 5,
    transcript: `projects/p/${by}.jsonl`,
    offset,
    before: before === null ? null : known(before),
    ...(does === 'write' && before === null ? { isNew: true } : {}),
    after: known(after),
  };
}

function known(text: string): KnownContent {
  const bytes = Buffer.from(text);
  return { blob: blobOf(bytes), size: bytes.length, tier: 'own record', isValidated: true };
}

async function* bytesOf(text: string): AsyncIterable<Uint8Array> {
  yield Buffer.from(text);
}

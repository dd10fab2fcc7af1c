/** A block in the person's own crontab. */
import { UndertextError } from '../../errors.ts';
import { blockIn, blockText, isTorn, momentIn, withBlock, withoutBlock, wordsIn } from '../../schedule/cron.ts';
import { type Job, nextAt } from '../../schedule/job.ts';
import type { World } from '../command.ts';
import { runProgram } from '../run-program.ts';
import { planned, type Scheduler, type Step, step } from './scheduler.ts';

const place = 'your crontab';

/** Crontabs are bytes: they are read and written one character for each. */
export function cron(world: World): Scheduler {
  const write = async (crontab: string): Promise<Step> => {
    const words = crontab === '' ? ['crontab', '-r'] : ['crontab', '-'];
    return step(words.join(' '), await runProgram(world, words, crontab));
  };
  const blockOf = (job: Job) => Buffer.from(blockText(job)).toString('latin1');
  return {
    name: 'cron',
    whyNot: async () => {
      const { code, err } = await runProgram(world, ['crontab', '-l']);
      return code === null ? 'there is no crontab' : code === 0 || isNone(err) ? null : `crontab: ${err}`;
    },
    plan: async job => ({
      pieces: [{ place, text: blockText(job), did: 'planned' }],
      commands: [planned('crontab -')],
      hints: [],
    }),
    install: async job => {
      const before = await read();
      const after = withBlock(before, blockOf(job));
      const text = blockText(job);
      if (after === before) return { pieces: [{ place, text, did: 'unchanged' }], commands: [], hints: [] };
      const written = await write(after);
      const pieces = written.did === 'ran' ? [{ place, text, did: 'written' as const }] : [];
      const whom = job.mail ?? 'you';
      const hints = [
        `cron mails to ${whom} what it prints, where the machine can send mail, and leaves out a night when it is off`,
      ];
      return { pieces, commands: [written], hints };
    },
    remove: async () => {
      const before = await read();
      const block = blockIn(before);
      if (block === null) return { pieces: [], commands: [], hints: [] };
      const written = await write(withoutBlock(before));
      const text = Buffer.from(block, 'latin1').toString();
      return { pieces: written.did === 'ran' ? [{ place, text, did: 'removed' }] : [], commands: [written], hints: [] };
    },
    installed: async () => {
      const block = blockIn(await read());
      if (block === null) return null;
      const text = Buffer.from(block, 'latin1').toString();
      const at = momentIn(text);
      return {
        places: [place],
        at,
        words: wordsIn(text) ?? [],
        isActive: true,
        next: at && nextAt(at, world.now()),
        last: null,
        output: 'cron mails it; else look into the log of the system',
      };
    },
  };

  async function read(): Promise<string> {
    const { code, out, err } = await runProgram(world, ['crontab', '-l']);
    if (code === null || (code !== 0 && isNone(err))) return '';
    if (code !== 0) throw new UndertextError('disk', `the crontab cannot be read: ${err}`, '`crontab -l` says why');
    if (!isTorn(out)) return out;
    const hint = 'mend it with `crontab -e`: everything from "undertext schedule: begin" on is ours';
    throw new UndertextError('refused', 'the block of undertext in your crontab has lost its end', hint);
  }
}

/** What `crontab -l` says, and fails, where nobody has written one yet. */
function isNone(err: string): boolean {
  return /no crontab for|can't open .*no such file/i.test(err);
}

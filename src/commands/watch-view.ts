/** What `watch` says: sentences for a person, or one JSON object a line. */
import type { Incident, Version } from '../model.ts';
import { incidentBlock } from '../report/incident-block.ts';
import { weakInWords } from '../report/listed.ts';
import { prunedLine } from '../report/prune-text.ts';
import { openAgainText, revisedText } from '../report/revised-text.ts';
import { count } from '../report/sizes.ts';
import { type StatusLine, statusLine } from '../report/status-line.ts';
import { clock } from '../report/times.ts';
import { visible } from '../report/visible.ts';
import { warningText } from '../report/warning-text.ts';
import { watchLine } from '../report/watch-lines.ts';
import { isWeak } from '../report/weight.ts';
import { wrap } from '../report/width.ts';
import type { WatchEvent } from '../watch/watch.ts';
import { progressLine, rewrittenLine } from './progress.ts';
import type { Pruned } from './prune-now.ts';
import { prunedIn } from './prune-report.ts';
import { errorWidth, type Setup } from './setup.ts';

export interface View {
  ready(event: Extract<WatchEvent, { type: 'ready' }>): Promise<void>;
  version(version: Version): Promise<void>;
  /** `isOld`: it was already open when the watch began. */
  incident(incident: Incident, isOld: boolean): Promise<void>;
  /** It was over, and is not any more: its restore was undone, or its text went again. */
  openAgain(incident: Incident): Promise<void>;
  /** The watcher has told it before, and evidence changed its certainty or its writer since. */
  revised(incident: Incident): Promise<void>;
  resolved(incident: Incident): Promise<void>;
  gap(event: Extract<WatchEvent, { type: 'gap' }>): Promise<void>;
  warning(code: string, message: string, hint: string): Promise<void>;
  pruned(done: Pruned): Promise<void>;
  progress(done: number, of: number | null): void;
  summary(open: Open): Promise<void>;
  /** How things stand: one line that is rewritten, on a terminal. */
  status(state: StatusLine): void;
  stopped(versions: number, open: Open): Promise<void>;
}

/** Open incidents: `told` ones have a block of their own, `weak` ones may have been meant and are only counted. */
export interface Open {
  readonly told: number;
  readonly weak: number;
}

export function jsonView(setup: Setup): View {
  const line = (value: Parameters<typeof watchLine>[0]) => setup.print(watchLine(value));
  return {
    ready: event =>
      line({ type: 'ready', roots: setup.roots, files: event.files, folders: event.folders, source: event.source }),
    version: version => line({ type: 'version', version }),
    incident: incident => line({ type: 'incident', incident }),
    openAgain: incident => line({ type: 'incident', incident, revised: true }),
    revised: incident => line({ type: 'incident', incident, revised: true }),
    resolved: incident => line({ type: 'resolved', id: incident.id, by: incident.closed ?? incident.state }),
    gap: event => line({ type: 'gap', gap: event.gap }),
    warning: (code, message, hint) => line({ type: 'warning', code, message, hint }),
    pruned: done => line({ type: 'pruned', ...prunedIn(done) }),
    progress: () => {},
    summary: async () => {},
    status: () => {},
    stopped: (versions, { weak }) => line({ type: 'stopped', versions, weak }),
  };
}

export function textView(setup: Setup): View {
  const { world, style } = setup;
  const progress = progressLine(world.err);
  const line = rewrittenLine(world.out);
  const say = async (text: string) => {
    progress.clear();
    line.clear();
    await setup.print(text);
  };
  /** Ids of what a person knows of. */
  const told = new Set<string>();
  const tell = async (incident: Incident) => {
    told.add(incident.id);
    await say(`\n${incidentBlock(incident, style, world.now())}`);
  };
  const unlessQuiet = async (text: string) => {
    if (!setup.quiet) await say(text);
  };
  return {
    ready: async event => {
      const places = setup.roots.map(root => root.path).join(', ');
      const how = event.source === 'polling' ? ', by polling' : '';
      await unlessQuiet(
        [
          `watching ${visible(places)}: ${count(event.files, 'file')} in ${count(event.folders, 'folder')}${how}`,
          `versions go to ${visible(setup.storePath)}; Ctrl-C stops`,
        ]
          .flatMap(line => wrap(line, style.width))
          .join('\n'),
      );
    },
    version: async () => {},
    incident: async (incident, isOld) => {
      if (isWeak(incident)) return;
      if (isOld) told.add(incident.id);
      else await tell(incident);
    },
    openAgain: async incident => {
      if (isWeak(incident)) return;
      if (told.has(incident.id)) await say(`\n${openAgainText(incident, style, world.now())}`);
      else await tell(incident);
    },
    revised: async incident => {
      if (told.has(incident.id)) await say(`\n${revisedText(incident, style, world.now())}`);
      else if (!isWeak(incident)) await tell(incident);
    },
    resolved: async incident => {
      if (!told.has(incident.id)) return;
      await say(
        `\n${clock(world.now(), world.now())}  ${style.good('resolved')} ${incident.id}: ${visible(incident.closed ?? 'the text is back')}`,
      );
    },
    gap: async event => {
      const { why, to, paths } = event.gap;
      if (why === 'no watcher') return;
      const where = paths.length > 0 ? ` (${paths.map(visible).join(', ')})` : '';
      await say(`${to === null ? style.warn('gap') : style.good('gap over')}: ${visible(why)}${where}`);
    },
    warning: async (_, message, hint) => {
      progress.clear();
      line.clear();
      await setup.warn(warningText(message, hint, style, errorWidth(world.err)));
    },
    pruned: async done => {
      const told = prunedLine(prunedIn(done));
      if (done.plan.isForced) await say(style.warn(told));
      else await unlessQuiet(style.dim(told));
    },
    progress: (done, of) => progress.show(`reading ${done}${of === null ? '' : ` of ${of}`} files`),
    summary: async ({ told, weak }) => {
      const list = `\`undertext audit\` lists ${told === 1 ? 'it' : 'them'}`;
      if (told > 0) await unlessQuiet(`${count(told, 'open incident')} from before: ${list}`);
      if (weak > 0) await unlessQuiet(style.dim(`${weakInWords(weak, told)}: \`undertext audit --all\` lists all`));
    },
    status: state => {
      if (!setup.quiet) line.show(statusLine(state, style, world.out.columns - 1));
    },
    stopped: async (versions, { weak }) => {
      const meant = weak === 0 ? '' : `; ${weakInWords(weak, 0)}: ${style.sentence('undertext audit --all')}`;
      await unlessQuiet(`\nstopped; ${count(versions, 'new version')} kept${meant}`);
    },
  };
}

/** The kinds of scenes: what each is called, whether something is lost in it, and how often it is met in a home. */
import { damaged, flattened, goneAtOnce, putAway, replacedWhole, sameNames, secondRewrite } from './damage.ts';
import { example, reworded, withItsFile } from './entries.ts';
import { boxes, counter, form, inbox, successor } from './forms.ts';
import {
  blankedRecords,
  deletedState,
  droppedComments,
  droppedTables,
  emptiedMembers,
  goneBesideInsertion,
  insertion,
  moved,
  overwrittenElement,
  registryGrows,
  replacedHook,
} from './members.ts';
import type { Props, Scene } from './stage.ts';
import { badCopy, checkout, formatter, hardReset, pull, staleTree, stash, sync, update } from './together.ts';

export interface Kind {
  readonly title: string;
  readonly isLoss: boolean;
  /** How often, beside the others. */
  readonly weight: number;
  make(props: Props): Scene;
}

const fine = (title: string, weight: number, make: Kind['make']): Kind => ({ title, isLoss: false, weight, make });
const loss = (title: string, weight: number, make: Kind['make']): Kind => ({ title, isLoss: true, weight, make });

/** Forms, inboxes and entries worded anew are what real homes are full of. */
export const kinds = {
  W1: fine('a form filled in anew', 14, form),
  W2: fine('an inbox drained and filled again', 10, inbox),
  W3: fine('an entry worded anew under its name', 10, reworded),
  W4: fine('ticked boxes cleared away', 6, boxes),
  W5: fine('an element put into a JSON array', 5, insertion),
  W5b: fine('a registry that grows', 2, registryGrows),
  W6: fine('a member moved under another key', 2, moved),
  W7: fine('a section replaced by its successor', 4, successor),
  W8: fine('a counter in a heading', 4, counter),
  W9: fine('another example with a placeholder', 3, example),
  W10: fine('an index line that goes with its file', 3, withItsFile),
  G1: fine('git: checkout there and back', 2, checkout),
  G2: fine('git: pull', 2, pull),
  G3: fine('git: stash, taken out again', 1, stash),
  S1: fine('an update of a skill or plugin', 2, update),
  S2: fine('a formatter over many files', 2, formatter),
  S3: fine('a sync of newer texts', 2, sync),
  G4: loss('git: reset over what was never committed', 1, hardReset),
  F1: loss('an instruction replaced as a whole', 3, replacedWhole),
  F1b: loss('files of the same name copied over', 2, sameNames),
  F1c: loss('a TOML configuration replaced', 1, droppedTables),
  F2: loss('a second rewrite, soon after the first', 2, secondRewrite),
  F3: loss('settings or a registry deleted', 2, deletedState),
  F4: loss('U+FFFD, mojibake, NUL in the text', 2, damaged),
  F5: loss('files put where nobody looks', 2, putAway),
  F6: loss("hooks replaced by another program's", 2, replacedHook),
  F6b: loss('members emptied beside a counter', 1, emptiedMembers),
  F7: loss('an element overwritten in an array', 3, overwrittenElement),
  F7b: loss('an element gone beside an insertion', 2, goneBesideInsertion),
  F8: loss('records blanked', 1, blankedRecords),
  F8b: loss('comments dropped from JSON', 1, droppedComments),
  F8c: loss('Markdown collapsed into one line', 1, flattened),
  F8d: loss('gone a moment after it came', 1, goneAtOnce),
  M7: loss('a stale tree copied over', 2, staleTree),
  M7b: loss('a bad copy of several files', 2, badCopy),
} satisfies Readonly<Record<string, Kind>>;

export type KindId = keyof typeof kinds;
export const kindOf = (id: KindId): Kind => kinds[id];
export const weights = Object.fromEntries(Object.entries(kinds).map(([id, { weight }]) => [id, weight])) as Readonly<
  Record<KindId, number>
>;

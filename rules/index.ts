/** The rules, in the order of the report. */
import type { Rule } from '../src/rule.ts';
import badFrontmatter from './bad-frontmatter.ts';
import brokenFile from './broken-file.ts';
import conflictCopy from './conflict-copy.ts';
import cursorReset from './cursor-reset.ts';
import deadHook from './dead-hook.ts';
import indexDrift from './index-drift.ts';
import indexOverflow from './index-overflow.ts';
import lostFile from './lost-file.ts';
import lostKeys from './lost-keys.ts';
import lostSection from './lost-section.ts';
import lostUpdate from './lost-update.ts';
import missingImport from './missing-import.ts';
import noisyRewrite from './noisy-rewrite.ts';
import placeholder from './placeholder.ts';
import sharedHandoff from './shared-handoff.ts';
import shrunkLog from './shrunk-log.ts';
import strayNamespace from './stray-namespace.ts';

export const rules: readonly Rule[] = [
  lostUpdate,
  lostSection,
  lostKeys,
  lostFile,
  placeholder,
  brokenFile,
  shrunkLog,
  indexDrift,
  indexOverflow,
  sharedHandoff,
  cursorReset,
  noisyRewrite,
  conflictCopy,
  badFrontmatter,
  strayNamespace,
  deadHook,
  missingImport,
];

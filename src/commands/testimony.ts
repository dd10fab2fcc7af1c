/** What the kept evidence says to an audit, and to whoever asks who wrote a version. */
import { clock } from '../rule.ts';
import { type EvidenceFile, openEvidence } from '../sessions/evidence/evidence-file.ts';
import { type Testimony, testify } from '../sessions/testify.ts';
import type { Setup } from './setup.ts';

const opened = new WeakMap<Setup, EvidenceFile>();

/** Read once for each command, and brought up to date with what other processes added since. */
export function evidenceOf(setup: Setup): EvidenceFile {
  const known = opened.get(setup);
  if (known) {
    known.refresh();
    return known;
  }
  const { store, storePath, roots, access } = setup;
  const evidence = openEvidence({ store: storePath, roots, kept: store, isWritable: access === 'write' });
  opened.set(setup, evidence);
  return evidence;
}

/** Answers for the versions as they are kept now: it is asked for anew when versions came. */
export function testimonyOf(setup: Setup): Testimony {
  const { store } = setup;
  return testify({
    evidence: evidenceOf(setup),
    versions: place => store.versions(place),
    read: blob => store.read(blob),
    clock,
  });
}

/** All transcripts of a home, and those a second time that named a folder before it was known to be a former root. */
import type { Transcript } from './find.ts';
import { findTranscripts, someTranscripts } from './find.ts';
import { type Mark, needsAnotherLook } from './mark.ts';
import { type ScanDeps, type Scanned, scanTranscript } from './scan.ts';

/**
 * `marks` gives what an earlier scan of a transcript left, by its path. A file may be told twice; the last one counts.
 * Files that did not change are told too, without acts. `only`: no others are looked at.
 */
export async function* scanHome(
  home: string,
  marks: (transcript: string) => Mark | null,
  deps: ScanDeps,
  only?: Iterable<string>,
): AsyncGenerator<Scanned> {
  const files = only ? someTranscripts(home, only) : findTranscripts(home);
  for (const { path } of files) deps.places.believe(deps.home, marks(path)?.formers ?? []);
  const fresh = new Map<Transcript, Mark>();
  for (const file of files) {
    const scanned = await scanTranscript(file, marks(file.path), deps);
    fresh.set(file, scanned.mark);
    yield scanned;
  }
  for (;;) {
    const again = files.filter(file => needsAnotherLook(fresh.get(file)!, deps.places));
    if (again.length === 0) return;
    for (const file of again) {
      const mark = fresh.get(file)!;
      const scanned = await scanTranscript(file, mark, deps);
      // Were it not taken off the list, a path that is spelled in a way we do not understand would be looked at for ever.
      const known = new Set(deps.places.known());
      const unplaced = scanned.mark.unplaced.filter(path => !known.has(path));
      fresh.set(file, { ...scanned.mark, unplaced });
      yield { ...scanned, mark: { ...scanned.mark, unplaced } };
    }
  }
}

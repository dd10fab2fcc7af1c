/** Which versions of the client the shapes of the records were compared with. */

/**
 * The newest client whose transcripts were looked at. What newer ones write is read the same way, and said once. 2.1.332: the whole
 * of `npm run test:client` was played with it; its records are those of 2.1.331.
 */
export const testedUpTo = '2.1.332';

/** True when `version` is a client's and newer than what was tested; a version that is no number is not. */
export function isNewerThanTested(version: string): boolean {
  return compareVersions(version, testedUpTo) > 0;
}

/** Below, at, or above 0, by the numbers between the dots; what follows a `-` counts for nothing. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [numbers(a), numbers(b)];
  if (left === null || right === null) return 0;
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function numbers(version: string): readonly number[] | null {
  const [plain = ''] = version.split(/[-+ ]/);
  return /^\d+(\.\d+)*$/.test(plain) ? plain.split('.').map(Number) : null;
}

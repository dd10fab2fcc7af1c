import { expect, it } from 'vitest';
import packed from '../../package.json' with { type: 'json' };
import { version } from '../../src/commands/version.ts';

it('is the version of the package', () => {
  expect(version).toBe(packed.version);
});

import { describe, expect, it } from 'vitest';
import { shortLabel } from '../../../src/sessions/transcripts/facts.ts';

describe('a label', () => {
  it.each([
    ['is one line', 'fix\n\tthe  buffer', 'fix the buffer'],
    ['has no control characters', 'fix \u001b[31mthe\u202e buffer', 'fix [31mthe buffer'],
    ['is short', 'a'.repeat(10).concat(' ').repeat(20), `${'aaaaaaaaaa '.repeat(5)}aaaa…`],
    ['keeps no key', 'use sk-ant-api03-AbCdEf1234567890_xyz for that', 'use … for that'],
    ['keeps no token of GitHub', 'push with ghp_16C7e42F292c6912E7710c838347Ae178B4a', 'push with …'],
    ['keeps no long random word', 'the password is a8f5f167f44f4964e6c998dee827110c', 'the password is …'],
    [
      'keeps paths',
      'read /home/me/projects/reader2/src/some-long-file-name2.ts',
      'read /home/me/projects/reader2/src/some-long-file-name2.ts',
    ],
    ['keeps long words', 'internationalization-of-everything is next', 'internationalization-of-everything is next'],
    ['keeps a branch', 'merge feat/citation-tracker', 'merge feat/citation-tracker'],
  ])('%s', (_, words, label) => expect(shortLabel(words)).toBe(label));

  it('is none where there are no words', () => expect(shortLabel(' \n')).toBe(null));
});

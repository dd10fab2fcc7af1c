import { UndertextError } from '../errors.ts';

export function noSuchBlob(blob: string): UndertextError {
  return new UndertextError(
    'not-found',
    `the store has no content ${blob}`,
    'run `undertext verify` to see what is missing',
  );
}

export function changedUnderway(expected: number, got: number): UndertextError {
  return new UndertextError(
    'moved',
    `the file had ${expected} bytes and ${got} were read`,
    'it changed while it was read; it is read again when it is quiet',
  );
}

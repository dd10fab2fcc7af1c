/** What holds for the units of any document, whatever its bytes are. */
import { expect } from 'vitest';
import { encode, readable } from '../../src/documents/decode.ts';
import { type Document, parseDocument } from '../../src/documents/document.ts';

/** Reads a document and checks that its units account for its text; returns it. */
export function accounted(path: string, bytes: Uint8Array): Document {
  const document = parseDocument(path, bytes);
  const { text, units, spots, encoding, limited, broken } = document;
  expect(spots.length).toBe(units.length);
  if (document.format === 'binary') return document;
  expect(Buffer.compare(encode(text, encoding, document.bom), bytes), 'the text is not the bytes').toBe(0);
  let last = 0;
  const wrong: unknown[] = [];
  for (const unit of units) {
    const isInOrder = unit.start >= last && unit.end >= unit.start && unit.end <= text.length;
    const isSlice = unit.text === readable(text.slice(unit.start, unit.end), encoding);
    if (!isInOrder || !isSlice || !/^[0-9a-f]{16}$/.test(unit.fingerprint)) wrong.push(unit);
    last = unit.end;
  }
  expect(wrong).toEqual([]);
  if (limited !== null)
    expect([broken === null, /: compared (?:line by line|as one piece)$/.test(limited)]).toEqual([false, true]);
  // What is no unit of a text read by lines is blank; a structure leaves out marks and comments.
  if (broken !== null || document.format === 'text' || document.format === 'jsonl') {
    let at = 0;
    for (const { start, end } of units) {
      if (/[^ \t\r\n\f\v]/.test(text.slice(at, start))) wrong.push([at, start]);
      at = end;
    }
    if (/[^ \t\r\n\f\v]/.test(text.slice(at))) wrong.push(at);
    expect(wrong, 'text that no unit has').toEqual([]);
  }
  return document;
}

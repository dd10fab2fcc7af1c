import { crc32 } from 'node:zlib';
import {
  pageBytes,
  rowBytes,
  rowsPerPage,
  type Section,
  sections,
  type TableHead,
  tableMagic,
  tailBytes,
} from './table-layout.ts';

/** The sections of a table that is to be written; each is asked for when those before it have been written. */
export type SectionRows = Readonly<Record<Section, Iterable<Buffer>>>;

/** The bytes of a table, a page at a time, so that whoever writes them can pause between any two. */
export function* tableBytes(rows: SectionRows, headOf: () => Omit<TableHead, 'rows'>): Generator<Buffer> {
  const sums: number[] = [];
  const counts: Partial<Record<Section, number>> = {};
  for (const section of sections) {
    const count = { rows: 0 };
    for (const page of pagesOf(section, rows[section], count)) {
      sums.push(crc32(page));
      yield page;
    }
    counts[section] = count.rows;
  }
  const head: TableHead = { ...headOf(), rows: counts as Record<Section, number> };
  const json = Buffer.from(JSON.stringify(head));
  const end = Buffer.alloc(sums.length * 4 + json.length + tailBytes);
  for (const [i, sum] of sums.entries()) end.writeUInt32BE(sum, i * 4);
  json.copy(end, sums.length * 4);
  const tail = end.length - tailBytes;
  end.writeUInt32BE(crc32(end.subarray(0, tail)), tail);
  end.writeUInt32BE(json.length, tail + 4);
  end.write(tableMagic, tail + 8, 'latin1');
  yield end;
}

function* pagesOf(section: Section, rows: Iterable<Buffer>, count: { rows: number }): Generator<Buffer> {
  const size = rowBytes[section];
  const full = rowsPerPage(section) * size;
  let page = Buffer.alloc(pageBytes);
  let used = 0;
  for (const some of rows) {
    count.rows += some.length / size;
    for (let at = 0; at < some.length; ) {
      const length = Math.min(some.length - at, full - used);
      some.copy(page, used, at, at + length);
      used += length;
      at += length;
      if (used < full) continue;
      yield page;
      page = Buffer.alloc(pageBytes);
      used = 0;
    }
  }
  if (used > 0) yield page;
}

/**
 * How much work one document may make. What is over a limit is read or compared in a cheaper way that is still right, and the document
 * says so (`Document.limited`). Times are processor time of one core of a small virtual machine with Node 20, on the worst input of that
 * kind that we know (`test/documents/hostile.ts`).
 */

/** What is too much for a reader though it may be sound; the message says of what, and the caller takes the cheaper way. */
export class TooMuch extends Error {
  override readonly name = 'TooMuch';
}

/** UTF-16 units of text that are read for a structure: 250 ms of Markdown or JSON. Nobody writes a longer file by hand. */
export const mostStructured = 2_000_000;

/** UTF-16 units of text that are read as lines or records, which costs little more than hashing them. */
export const mostText = 32_000_000;

/** Units of one document: 2 to 5 µs and 300 bytes each, and 50 µs where two versions have none in common. */
export const mostUnits = 50_000;

/**
 * Work for micromark, in lines of about 60 µs. Real files of 20 KB make less than 400; micromark takes quadratic time on long lists and
 * paragraphs with continuation lines, so that 8 KB of `a\n-\n` in one block take 600 ms and 100 KB many minutes.
 */
export const mostBlockWork = 4_000;

/** Blocks within blocks. Deeper is nobody's handwriting, and micromark's time for a line grows with its square: 5 KB of `* ` take 800 ms. */
export const deepestBlock = 60;

/** Every reader of JSON we know recurses. */
export const deepestJson = 200;

/** UTF-16 units of TOML that are read for its tables: 0.5 s. */
export const longestToml = 200_000;

/** UTF-16 units of a frontmatter that YAML reads: 200 ms where it refuses each of 2,000 fields. Longer ones are read field by field, without looking at the values. */
export const longestFrontmatter = 20_000;

/** What a heading is called at most: all units below it repeat its name in their place, 60,000 times 1 MB otherwise. */
export const longestHeading = 300;

/** UTF-16 units of all JSON pointers of a file together: long keys nested deeply multiply. Real files have 1 MB in 10,000 members. */
export const mostPointers = 20_000_000;

/** Lines that came and went until a coarser diff is good enough: 100 ms, and its time grows with the square. */
export const mostDiffed = 1_000;

/** Lines of one text times lines of the other until a coarser merge is good enough: 100 ms for equal lines, and memory for each pair. */
export const mostMerged = 1_000_000;

/**
 * Work for seeing whether a splice holds: the UTF-16 units that are read anew, and 50 for each unit to be compared (four times the text for
 * JSON, which is compared member by member). Some three seconds, for one person who asked. What is left is a conflict for that person to see.
 */
export const mostReread = 20_000_000;

/** Separate places that mending fills one at a time. More is nobody's edit. */
export const mostRuns = 300;

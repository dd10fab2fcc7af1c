/**
 * Thrown where a table or `history` is not what it was when it was indexed. It never leaves the store: whoever asked
 * the catalogue gets the answer out of what is read anew.
 */
export class OutOfDate extends Error {}

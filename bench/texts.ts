/** Texts for the bench: words of a skewed vocabulary, so that they deflate as real notes do; the same in every run. */

export function makeTexts(seed = 42): (length: number) => string {
  let state = seed;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const words = Array.from({ length: 5000 }, () =>
    random()
      .toString(36)
      .slice(2, 3 + Math.floor(random() * 9)),
  );
  return length => {
    const parts: string[] = [];
    for (let size = 0; size < length; size += parts.at(-1)!.length + 1) {
      parts.push(words[Math.floor(5000 ** random()) - 1] ?? 'the');
    }
    return parts.join(' ').slice(0, length);
  };
}

/** So many bytes of a transcript: JSON lines of 200 to 2,000 bytes. */
export function makeTranscript(bytes: number, seed = 7): Buffer {
  const text = makeTexts(seed);
  const lines: string[] = [];
  for (let size = 0, i = 0; size < bytes; i++) {
    const uuid = `${(i * 2654435761) >>> 0}-${(i * 40503) >>> 0}`;
    const line = JSON.stringify({ uuid, type: 'assistant', message: { content: text(200 + ((i * 37) % 1800)) } });
    lines.push(`${line}\n`);
    size += line.length + 1;
  }
  return Buffer.from(lines.join('')).subarray(0, bytes);
}

/** Contents as records have them: texts with LF line ends. */

/** What is bigger is nobody's text: it is not compared, and not imported. */
export const largest = 16 * 1024 * 1024;

export function textOf(bytes: Uint8Array): string {
  return withLf(Buffer.from(bytes).toString('utf8'));
}

function withLf(text: string): string {
  return text.includes('\r') ? text.replaceAll('\r\n', '\n') : text;
}

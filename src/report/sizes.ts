/** Bytes as people read them: `812 B`, `2.0 KB`, `41 MB`. */
export function bytes(count: number): string {
  if (count < 1000) return `${count} B`;
  let value = count;
  for (const unit of ['KB', 'MB', 'GB', 'TB', 'PB']) {
    value /= 1000;
    if (value < 999.5 || unit === 'PB') return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${unit}`;
  }
  return '';
}

/** `1 version`, `2 versions` */
export function count(number: number, noun: string): string {
  return `${number} ${number === 1 ? noun : `${noun.replace(/y$/, 'ie')}s`}`;
}

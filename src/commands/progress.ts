/** A line that says how far long work is: on a terminal only, and never more than ten times a second. */
import type { Terminal } from './command.ts';

export interface Progress {
  show(text: string): void;
  clear(): void;
}

export function progressLine(terminal: Terminal): Progress {
  let shownAt = 0;
  let isShown = false;
  return {
    show: text => {
      const now = performance.now();
      if (!terminal.isTerminal || now - shownAt < 100) return;
      shownAt = now;
      isShown = true;
      void terminal.write(`\r\x1b[K${text.slice(0, terminal.columns - 1)}`);
    },
    clear: () => {
      if (isShown) void terminal.write('\r\x1b[K');
      isShown = false;
    },
  };
}

/** The last line of a terminal, which `show` rewrites. Whoever prints above it calls `clear` first; elsewhere it writes nothing. */
export function rewrittenLine(terminal: Terminal): Progress {
  let shown = '';
  return {
    show: text => {
      if (!terminal.isTerminal || text === shown) return;
      shown = text;
      void terminal.write(`\r\x1b[K${text}`);
    },
    clear: () => {
      if (shown !== '') void terminal.write('\r\x1b[K');
      shown = '';
    },
  };
}

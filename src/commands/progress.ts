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

/** A line below all others that is rewritten as things change, on a terminal only; what is printed above clears it first. */
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

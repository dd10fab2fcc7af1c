/** Loaded before a program of ours (`--import`): as it ends, it says on descriptor 3 what it cost. */
import { writeSync } from 'node:fs';

process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  try {
    writeSync(3, JSON.stringify({ cpu: (userCPUTime + systemCPUTime) / 1000, peak: maxRSS / 1024 }));
  } catch {
    // nobody listens
  }
});

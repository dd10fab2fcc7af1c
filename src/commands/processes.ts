/** The processes of this machine, as `sessions/live.ts` asks for them. */
import { readFileSync } from 'node:fs';
import type { Processes } from '../sessions/live.ts';
import { pidNamespace, processOf } from '../store/lock.ts';

export function processes(platform: string): Processes {
  return { of: processOf, domain: platform === 'linux' ? domain() : null };
}

function domain(): string | null {
  const namespace = pidNamespace();
  return namespace === '' ? null : `linux:${machineId()}:${namespace}`;
}

function machineId(): string {
  try {
    return readFileSync('/etc/machine-id', 'utf8').trim();
  } catch {
    return '';
  }
}

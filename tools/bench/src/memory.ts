import { readFileSync } from 'node:fs';

/** Peak resident memory of a process since its start, in MB; undefined where the system does not tell (only Linux does). */
export const peakMemoryMb = (pid: number | undefined): number | undefined => {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Math.round(Number(kilobytes) / 1_024);
  } catch {
    return undefined;
  }
};

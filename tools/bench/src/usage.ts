import { readdirSync, readFileSync } from 'node:fs';

/** Peak resident memory of a process since its start, in MB; undefined where the system does not tell (only Linux does). */
export const peakMemoryMb = (pid: number | undefined): number | undefined => {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Math.round(Number(kilobytes) / 1_024);
  } catch {
    return undefined;
  }
};

/** Linux counts in hundredths of a second, on every machine. */
const TICK_MS = 10;

interface Stat {
  readonly parent: number;
  /** Its own and that of children that ended. */
  readonly cpuMs: number;
}

const statOf = (pid: number | string): Stat | undefined => {
  try {
    // The name before the last bracket may hold anything.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
    return { parent: Number(fields[1]), cpuMs: [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0) * TICK_MS };
  } catch {
    // It has ended, or the system has no /proc.
    return undefined;
  }
};

/** Processor time that a process and its children have used, ms; undefined where the system does not tell. */
export const cpuMs = (pid: number | undefined): number | undefined => {
  const own = pid === undefined ? undefined : statOf(pid);
  if (own === undefined) return undefined;
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => statOf(name) ?? [])
    .filter(({ parent }) => parent === pid);
  return children.reduce((sum, child) => sum + child.cpuMs, own.cpuMs);
};

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';

/** A TCP port on 127.0.0.1 that was free a moment ago. Nothing holds it: use it at once. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = await someFreePort();
    if (given.has(port)) continue;
    given.add(port);
    return port;
  }
}

/** A port is free until its server listens: without this, one could be given to two servers. */
const given = new Set<number>();

function someFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => (typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port'))));
    });
  });
}

/** Whether a server could listen on 127.0.0.1:port now. */
export function portIsFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}

/** The process that listens on a port, where /proc tells (Linux, and only processes that we may look into). */
export function portHolder(port: number): { pid: number; command: string } | undefined {
  const inodes = new Set(['tcp', 'tcp6'].flatMap((table) => listeningInodes(`/proc/net/${table}`, port)));
  if (inodes.size === 0) return undefined;
  for (const pid of entries('/proc').filter((name) => /^\d+$/.test(name))) {
    for (const fd of entries(`/proc/${pid}/fd`)) {
      const inode = /^socket:\[(\d+)]$/.exec(attempt(() => readlinkSync(`/proc/${pid}/fd/${fd}`)) ?? '')?.[1];
      if (inode && inodes.has(inode)) return { pid: Number(pid), command: commandOf(pid) };
    }
  }
  return undefined;
}

/** Refuses with the port and, where it can be known, the process that has it. */
export async function requireFreePort(port: number, forWhat: string): Promise<void> {
  if (await portIsFree(port)) return;
  const holder = portHolder(port);
  const by = holder ? `process ${holder.pid} (${holder.command})` : 'another process';
  throw new Error(
    `${forWhat} cannot start: port ${port} on 127.0.0.1 is taken by ${by}. Stop that process or choose another port.`,
  );
}

function listeningInodes(table: string, port: number): string[] {
  const LISTEN = '0A';
  return (attempt(() => readFileSync(table, 'utf8')) ?? '')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[3] === LISTEN && parseInt(columns[1]?.split(':')[1] ?? '', 16) === port)
    .flatMap((columns) => (columns[9] ? [columns[9]] : []));
}

function commandOf(pid: string): string {
  return (attempt(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8')) ?? 'unknown command')
    .replaceAll('\0', ' ')
    .trim()
    .slice(0, 120);
}

function entries(folder: string): string[] {
  return attempt(() => readdirSync(folder)) ?? [];
}

/** /proc changes while we read it; what is gone is no news. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

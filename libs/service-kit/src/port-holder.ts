import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const attempt = <T>(read: () => T): T | undefined => {
  try {
    return read();
  } catch {
    // /proc changes while it is read, and other users' processes are closed to us.
    return undefined;
  }
};

const LISTEN = '0A';

function listeningInodes(table: string, port: number): string[] {
  return (attempt(() => readFileSync(table, 'utf8')) ?? '')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[3] === LISTEN && Number.parseInt(columns[1]?.split(':')[1] ?? '', 16) === port)
    .flatMap((columns) => (columns[9] === undefined ? [] : [columns[9]]));
}

/** Program and script only: arguments may hold secrets. */
const commandOf = (pid: string): string =>
  (attempt(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8')) ?? '').split('\0').slice(0, 2).join(' ').trim() ||
  'unknown command';

/** Who listens on a TCP port, where /proc tells: on Linux, for processes that we may look into. */
export function portHolder(port: number): { pid: number; command: string } | undefined {
  const inodes = new Set(['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) => listeningInodes(table, port)));
  if (inodes.size === 0) return undefined;
  const pids = (attempt(() => readdirSync('/proc')) ?? []).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    for (const descriptor of attempt(() => readdirSync(`/proc/${pid}/fd`)) ?? []) {
      const inode = /^socket:\[(\d+)]$/.exec(attempt(() => readlinkSync(`/proc/${pid}/fd/${descriptor}`)) ?? '')?.[1];
      if (inode !== undefined && inodes.has(inode)) return { pid: Number(pid), command: commandOf(pid) };
    }
  }
  return undefined;
}

export function portTakenMessage(host: string, port: number): string {
  const holder = portHolder(port);
  const by = holder === undefined ? 'another process' : `process ${holder.pid} (${holder.command})`;
  return `HTTP_PORT is ${port}: expected a free port, but ${by} already listens on ${host}:${port}; stop it or choose another port`;
}

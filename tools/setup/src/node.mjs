import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The first Node 24 that has everything in use here; the packages of node_modules carry a newer one. */
export const NEEDED = '24.11.1';

/**
 * Where a Node that is new enough may be, best first.
 * @param {string} root
 */
export function candidates(root) {
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const onPath = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, name));
  return [join(root, 'node_modules', `node-${platform}-${process.arch}`, 'bin', name), process.execPath, ...onPath];
}

/**
 * @param {readonly string[]} paths
 * @returns {{ path: string, version: string } | undefined}
 */
export function firstThatServes(paths) {
  for (const path of paths) {
    const version = versionOf(path);
    if (version && atLeast(version, NEEDED)) return { path, version };
  }
  return undefined;
}

/**
 * @param {string} version
 * @param {string} least
 */
export function atLeast(version, least) {
  const [have, want] = [version, least].map((text) => text.replace(/^v/, '').split('.').map(Number));
  for (const [i, part] of (want ?? []).entries()) {
    const ours = have?.[i] ?? 0;
    if (ours !== part) return ours > part;
  }
  return true;
}

/** What to do when there is none. */
export function advice() {
  const others =
    process.platform === 'darwin'
      ? 'brew install node@24 && brew link --overwrite node@24'
      : 'install Node 24 from https://nodejs.org/en/download';
  return `Node ${NEEDED} or later is needed; this is ${process.version} (${process.execPath}).\nRun: npm ci --include=optional   or: ${others}`;
}

/** @param {string} path */
function versionOf(path) {
  if (path === process.execPath) return process.version;
  if (!existsSync(path)) return undefined;
  return spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout?.trim();
}

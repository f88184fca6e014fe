import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @typedef {{ version?: string, resolved?: string, integrity?: string, link?: boolean, optional?: boolean, devOptional?: boolean }} LockedPackage
 * @typedef {{ packages: Record<string, LockedPackage> }} Lock
 */

/**
 * Why `npm ci` is needed, or nothing when node_modules holds what package-lock.json says. npm itself notes what it installed in
 * node_modules/.package-lock.json, so a checkout that somebody updated by hand counts as well.
 * @param {string} root
 * @returns {string | undefined}
 */
export function whyInstall(root) {
  const installed = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installed)) return 'node_modules is missing or unfinished';
  const changed = differences(readLock(join(root, 'package-lock.json')), readLock(installed));
  return changed.length > 0
    ? `package-lock.json asks for other packages than node_modules has (${changed.slice(0, 3).join(', ')})`
    : undefined;
}

/**
 * Paths whose package differs. Packages for other platforms are in the lock but never installed: they are optional.
 * @param {Lock} wanted
 * @param {Lock} installed
 */
export function differences(wanted, installed) {
  const paths = Object.keys(wanted.packages).filter(
    (path) => path.startsWith('node_modules/') || path.includes('/node_modules/'),
  );
  const gone = Object.keys(installed.packages).filter((path) => !(path in wanted.packages));
  return [...paths.filter((path) => differs(wanted.packages[path], installed.packages[path])), ...gone];
}

/**
 * @param {LockedPackage | undefined} wanted
 * @param {LockedPackage | undefined} installed
 */
function differs(wanted, installed) {
  if (!wanted) return false;
  if (!installed) return !wanted.optional && !wanted.devOptional;
  return wanted.version !== installed.version || (wanted.link === true && wanted.resolved !== installed.resolved);
}

/**
 * @param {string} file
 * @returns {Lock}
 */
function readLock(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

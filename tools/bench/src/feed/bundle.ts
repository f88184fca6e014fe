import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { ROOT } from '../config.js';

export interface Budget {
  readonly slots: number;
  readonly perSecond?: number;
}

/** What one scenario changes about a connection of the demo bundle. */
export interface ConnectionChange {
  readonly settings?: Readonly<Record<string, string>>;
  readonly budget?: Budget;
  readonly pollEverySeconds?: number;
}

/** Documents of so many lines, as many requests as the budget gives: the connector's own limit does not narrow it. */
export const documentsOf = (lines: number, budget: Budget): ConnectionChange => ({
  settings: { maxLinesPerDocument: String(lines), maxConcurrency: String(budget.slots) },
  budget,
});

interface Connections {
  connections: Record<string, { settings: Record<string, string>; [name: string]: unknown }>;
}

/** The demo bundle as it is, but for these connections, in a folder of its own. @returns the folder */
export const benchBundle = (folder: string, changes: Readonly<Record<string, ConnectionChange>>): string => {
  cpSync(join(ROOT, 'deploy/governance/demo'), folder, { recursive: true });
  const file = join(folder, 'connections.yaml');
  const bundle = parse(readFileSync(file, 'utf8')) as Connections;
  for (const [id, { settings = {}, ...rest }] of Object.entries(changes)) {
    const declared = bundle.connections[id];
    if (declared === undefined) throw new Error(`the demo bundle has no connection "${id}"`);
    bundle.connections[id] = { ...declared, ...rest, settings: { ...declared.settings, ...settings } };
  }
  writeFileSync(file, stringify(bundle));
  return folder;
};

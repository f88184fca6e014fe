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
  connections: Record<string, { settings: Record<string, string>; roles: string[]; [name: string]: unknown }>;
}

const LONG_AGO = '2026-01-01T00:00';

/** Feeds that the bench leaves out: nothing is owed to their destinations, and nobody connects to them. */
const LEFT_OUT = ['payroll', 'analytics'];

/** The demo bundle with the ERP as its only destination and these connections changed, in a folder of its own. @returns the folder */
export const benchBundle = (
  folder: string,
  changes: Readonly<Record<string, ConnectionChange>> = {},
  closedUntilMs?: number,
): string => {
  cpSync(join(ROOT, 'deploy/governance/demo'), folder, { recursive: true });
  rewrite<Connections>(join(folder, 'connections.yaml'), ({ connections }) => {
    for (const [id, { roles }] of Object.entries(connections))
      if (roles.some((role) => LEFT_OUT.includes(role))) delete connections[id];
    for (const [id, { settings = {}, ...rest }] of Object.entries(changes)) {
      const declared = connections[id];
      if (declared === undefined) throw new Error(`the demo bundle has no connection "${id}"`);
      connections[id] = { ...declared, ...rest, settings: { ...declared.settings, ...settings } };
    }
  });
  rewrite<Record<string, unknown>>(join(folder, 'routing.yaml'), (routing) => {
    for (const feed of LEFT_OUT) delete routing[feed];
  });
  if (closedUntilMs !== undefined)
    rewrite<{ changeWindows: unknown[] }>(join(folder, 'calendars.yaml'), (calendars) => {
      const to = new Date(closedUntilMs).toISOString().slice(0, 16);
      calendars.changeWindows = [
        { connections: ['erp'], from: LONG_AGO, to, timeZone: 'UTC', reason: 'the bench fills the queue' },
      ];
    });
  return folder;
};

const rewrite = <T>(file: string, change: (content: T) => void): void => {
  const content = parse(readFileSync(file, 'utf8')) as T;
  change(content);
  writeFileSync(file, stringify(content));
};

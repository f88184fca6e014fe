import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '@tieout/local';

/** Requests that book at once: the demo bundle's `budget: { slots: 4 }`. */
export const SLOTS = 4;
/** Small documents, so that many are under way and few lines are in each. */
export const MAX_LINES = 20;
/** The configured in-flight window: more can never be without an answer at once. */
export const WINDOW_LINES = SLOTS * MAX_LINES;
/** A request without an answer is given up after this. */
export const REQUEST_TIMEOUT_MS = 3_000;

const KEY_OF_ERP = '      key: env:ERP_KEY\n';

/** The demo firm's bundle in a folder of its own, with other settings of the connection to the ERP. */
export const chaosPolicy = (folder: string, settings: Readonly<Record<string, string>> = {}): string => {
  cpSync(join(ROOT, 'deploy/governance/demo'), folder, { recursive: true });
  const file = join(folder, 'connections.yaml');
  const text = readFileSync(file, 'utf8');
  const all = { maxLinesPerDocument: String(MAX_LINES), requestTimeoutMs: String(REQUEST_TIMEOUT_MS), ...settings };
  const lines = Object.entries(all).map(([name, value]) => `      ${name}: '${value}'\n`);
  if (!text.includes(KEY_OF_ERP)) throw new Error(`${file} has no line "${KEY_OF_ERP.trim()}" to add settings after`);
  writeFileSync(file, text.replace(KEY_OF_ERP, `${KEY_OF_ERP}${lines.join('')}`));
  return folder;
};

import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { changePolicy, ROOT, untilInForce, type PolicyChangeOrder, type Tieout } from '@tieout/local';

/** Requests that book at once: the demo bundle's `budget: { slots: 4 }`. */
export const SLOTS = 4;
/** Small documents, so that many are under way and few lines are in each. */
export const MAX_LINES = 20;
/** The configured in-flight window: more can never be without an answer at once. */
export const WINDOW_LINES = SLOTS * MAX_LINES;
/** A request without an answer is given up after this. */
export const REQUEST_TIMEOUT_MS = 3_000;

const KEY_OF_ERP = '      key: env:ERP_KEY\n';
const CONNECTIONS = 'connections.yaml';
const DEPLOYED_MS = 60_000;

const withSettings = (text: string, settings: Readonly<Record<string, string>>): string => {
  if (!text.includes(KEY_OF_ERP)) throw new Error(`${CONNECTIONS} has no line "${KEY_OF_ERP.trim()}" to add settings after`);
  const lines = Object.entries(settings).map(([name, value]) => `      ${name}: '${value}'\n`);
  return text.replace(KEY_OF_ERP, `${KEY_OF_ERP}${lines.join('')}`);
};

/** The demo firm's bundle in a folder of its own, with a connection to the ERP that makes small documents. */
export const chaosPolicy = (folder: string): string => {
  cpSync(join(ROOT, 'deploy/governance/demo'), folder, { recursive: true });
  const file = join(folder, CONNECTIONS);
  const usual = { maxLinesPerDocument: String(MAX_LINES), requestTimeoutMs: String(REQUEST_TIMEOUT_MS) };
  writeFileSync(file, withSettings(readFileSync(file, 'utf8'), usual));
  return folder;
};

/** Other settings of the connection to the ERP. */
export const changeConnection = (tieout: Tieout, settings: Readonly<Record<string, string>>): Promise<void> =>
  changeConnections(tieout, (text) => withSettings(text, settings));

/** Proposed, approved and activated as people do it: every service is started anew. */
export const changeConnections = async (tieout: Tieout, edit: (text: string) => string): Promise<void> => {
  const { digest } = await changePolicy(tieout, {
    edit: (files) => files.map((file) => (file.name === CONNECTIONS ? { ...file, text: edit(file.text) } : file)),
    why: 'the ERP offers something else',
    author: 'pia-platform',
    approvers: ['paul-platform'],
    activator: 'pia-platform',
  });
  const under = await untilInForce(tieout, digest, DEPLOYED_MS);
  if (under.length < tieout.services.length)
    throw new Error(`only ${under.join(', ')} took another connection within ${DEPLOYED_MS / 1000} s`);
  await tieout.waitUntilReady(DEPLOYED_MS);
};

const WORDING = 'reason: year end';

/** A change that changes no verdict: everything else must stay exact. @returns the digest of the bundle */
export const rewordPolicy = async (tieout: Tieout): Promise<string> => {
  const { digest } = await changePolicy(tieout, REWORDING);
  return digest;
};

export const REWORDING: PolicyChangeOrder = {
  edit: (files) =>
    files.map((file) =>
      file.name === 'calendars.yaml' ? { ...file, text: file.text.replace(WORDING, `${WORDING}, agreed`) } : file,
    ),
  why: 'the year-end freeze is agreed',
  author: 'finn-finance',
  approvers: ['fay-finance'],
  activator: 'pia-platform',
};

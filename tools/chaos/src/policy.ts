import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '@tieout/local';

/** The demo firm's bundle in a folder of its own. */
export const chaosPolicy = (folder: string, _wanted: object): string => {
  cpSync(join(ROOT, 'deploy/governance/demo'), folder, { recursive: true });
  return folder;
};

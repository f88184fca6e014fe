import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';

/** Replaces a folder by these files, in the repository's format. */
export async function writeFolder(root, files) {
  const style = { ...(await resolveConfig(fileURLToPath(import.meta.url))), parser: 'json' };
  rmSync(root, { recursive: true, force: true });
  for (const [file, value] of Object.entries(files)) {
    mkdirSync(dirname(root + file), { recursive: true });
    writeFileSync(root + file, await format(JSON.stringify(value, null, 2), style));
  }
}

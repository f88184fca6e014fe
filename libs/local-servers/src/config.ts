import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds nx.json: where downloads and data of local runs live (in .tieout). */
export function checkoutRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'nx.json'))) {
    const parent = dirname(folder);
    if (parent === folder)
      throw new Error('no nx.json above @tieout/local-servers: it only works inside a checkout of the repository');
    folder = parent;
  }
  return folder;
}

/** Where an executable of that name is on the PATH, or undefined. */
export function onPath(name: string): string | undefined {
  const file = process.platform === 'win32' ? `${name}.exe` : name;
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, file))
    .find((candidate) => existsSync(candidate));
}

/** What a program that we start sees: what we see, and more. */
export function environment(more: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return { ...process.env, ...more };
}

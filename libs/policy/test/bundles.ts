import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compilePolicy } from '../src/compile-policy.js';
import type { CompiledPolicy } from '../src/compiled-policy.js';

export const GOVERNANCE = fileURLToPath(new URL('../../../deploy/governance/', import.meta.url));

/** The bundles of the repository, by folder. */
export const BUNDLES = readdirSync(GOVERNANCE).filter((name) => name !== 'schemas');

/** "legal-entities/DE01.yaml" -> its text */
export const bundleTexts = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(GOVERNANCE + folder, { recursive: true, withFileTypes: true })
      .filter(({ name }) => name.endsWith('.yaml'))
      .map(({ parentPath, name }) => join(parentPath, name))
      .map((file) => [relative(GOVERNANCE + folder, file), readFileSync(file, 'utf8')]),
  );

export const compiledBundle = (folder: string, changes: Readonly<Record<string, string>> = {}): CompiledPolicy => {
  const result = compilePolicy({ ...bundleTexts(folder), ...changes });
  if (!result.ok) throw new Error(JSON.stringify(result.problems, undefined, 1));
  return result.policy;
};

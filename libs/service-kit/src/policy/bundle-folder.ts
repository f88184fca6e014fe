import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { compilePolicy, type CompiledPolicy } from '@tieout/policy';
import { BootProblem } from '../boot-problem.js';

/** The *.yaml files of a folder and of the folders in it: "legal-entities/DE01.yaml" -> its text. */
export const readBundleTexts = (folder: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.yaml'))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((file) => [relative(folder, file).split(sep).join('/'), readFileSync(file, 'utf8')]),
  );

/** @throws BootProblem with file, line, message and fix of everything that is wrong with the bundle. */
export const compileFolder = (folder: string): CompiledPolicy => {
  const texts = readBundleTexts(folder);
  if (Object.keys(texts).length === 0)
    throw new BootProblem([`POLICY_DIR is ${JSON.stringify(folder)}: expected a folder with *.yaml files`]);
  const result = compilePolicy(texts);
  if (result.ok) return result.policy;
  throw new BootProblem(
    result.problems.map(
      ({ file, line, column, message, fix }) => `${join(folder, file)}:${line}:${column}: ${message} -> ${fix}`,
    ),
  );
};

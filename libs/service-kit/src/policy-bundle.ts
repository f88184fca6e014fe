import { compilePolicy, type CompiledPolicy } from '@tieout/policy';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BootProblem } from './boot-problem.js';

export interface PolicyHolder {
  current(): CompiledPolicy;
}

/** @throws BootProblem with file, line, message and fix of everything that is wrong with the bundle. */
export function readPolicyBundle(folder: string): PolicyHolder {
  const names = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
  if (names.length === 0) throw new BootProblem([`POLICY_DIR is ${JSON.stringify(folder)}: expected a folder with *.yaml files`]);
  const result = compilePolicy(Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')])));
  if (!result.ok) {
    const lines = result.problems.map(
      ({ file, line, column, message, fix }) => `${join(folder, file)}:${line}:${column}: ${message} -> ${fix}`,
    );
    throw new BootProblem(lines);
  }
  const { policy } = result;
  return { current: () => policy };
}

import { compilePolicy } from '../src/compile-policy.js';
import type { CompiledPolicy } from '../src/compiled-policy.js';
import { GOOD_BUNDLE } from './good-bundle.js';

/** The good bundle with files changed or added. */
export const compiled = (changes: Readonly<Record<string, string>> = {}): CompiledPolicy => {
  const result = compilePolicy({ ...GOOD_BUNDLE, ...changes });
  if (!result.ok) throw new Error(JSON.stringify(result.problems, undefined, 1));
  return result.policy;
};

/** "file:line:column message -> fix" of everything that is wrong. */
export const problemsOf = (changes: Readonly<Record<string, string>>): string[] => {
  const result = compilePolicy({ ...GOOD_BUNDLE, ...changes });
  return result.ok
    ? []
    : result.problems.map(({ file, line, column, message, fix }) => `${file}:${line}:${column} ${message} -> ${fix}`);
};

/** One file of the good bundle with more at its end. */
export const added = (file: string, text: string): Record<string, string> => ({ [file]: GOOD_BUNDLE[file]! + text });

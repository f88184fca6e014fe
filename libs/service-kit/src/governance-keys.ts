import type { KeyObject } from 'node:crypto';
import { readPublicKeys } from '@tieout/signing';
import { BootProblem } from './boot-problem.js';
import type { SecretReader } from './secrets.js';

/** Governance's public keys now; none: nothing that governance says is taken. The file is read again when it changed. */
export type GovernanceKeys = () => readonly KeyObject[];

/** @throws BootProblem when the file holds no keys. */
export const governanceKeys = (path: string | undefined, secrets: Pick<SecretReader, 'resolve'>): GovernanceKeys => {
  if (path === undefined) return () => [];
  let known: { readonly pem: string; readonly keys: readonly KeyObject[] } | undefined;
  const read = (): readonly KeyObject[] => {
    const pem = secrets.resolve(`file:${path}`);
    if (known?.pem !== pem) known = { pem, keys: readPublicKeys(pem) };
    return known.keys;
  };
  try {
    read();
  } catch (error) {
    const why = (error as Error).message;
    throw new BootProblem([
      `GOVERNANCE_PUBLIC_KEYS is ${JSON.stringify(path)}: ${why}; expected a PEM file with Ed25519 public keys`,
    ]);
  }
  return () => {
    try {
      return read();
    } catch {
      // Half-written, or swapped away for a moment: what was good a moment ago still is.
      return known?.keys ?? [];
    }
  };
};

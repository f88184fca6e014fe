import { sign, verify, type KeyObject } from 'node:crypto';
import { canonicalJson } from '@tieout/model';
import { keyIdOf } from './keys.js';

/** What a signature is about. It is signed too, so that a signature for one thing never counts for another. */
export type StatementKind = 'policy-activation' | 'policy-promotion' | 'override' | 'grant' | 'audit-checkpoint' | 'audit-export';

export interface Signature {
  readonly keyId: string;
  /** Ed25519, base64. */
  readonly signature: string;
}

const textOf = (kind: StatementKind, statement: unknown): Buffer => Buffer.from(canonicalJson({ kind, statement }));

/** The only place where a private key is used; another key store goes here. */
export const signed = (kind: StatementKind, statement: unknown, privateKey: KeyObject): Signature => ({
  keyId: keyIdOf(privateKey),
  signature: sign(null, textOf(kind, statement), privateKey).toString('base64'),
});

/** Whether one of the keys signed exactly this statement. */
export const isSignedBy = (
  kind: StatementKind,
  statement: unknown,
  { keyId, signature }: Signature,
  publicKeys: readonly KeyObject[],
): boolean => {
  const key = publicKeys.find((one) => keyIdOf(one) === keyId);
  return key !== undefined && verify(null, textOf(kind, statement), key, Buffer.from(signature, 'base64'));
};

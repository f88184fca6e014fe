import { sign, verify, type KeyObject } from 'node:crypto';
import { canonicalJson, type Instant } from '@tieout/model';
import { sha256, type Head } from './record.js';

/** Where all chains stood at one moment, signed and kept away from the databases: nobody can shorten or rewrite what it names. */
export interface Checkpoint {
  readonly no: number;
  readonly at: Instant;
  /** Sorted by chain. */
  readonly heads: readonly Head[];
  /** Hash of the checkpoint before; of the first, 64 zeros. */
  readonly previous: string;
  /** Ed25519 over everything above, base64. */
  readonly signature: string;
}

const FIRST = '0'.repeat(64);

const signedText = ({ signature: _, ...rest }: Checkpoint): string => canonicalJson(rest);

export const checkpointHash = (checkpoint: Checkpoint): string => sha256(canonicalJson(checkpoint));

/** A signature in Ed25519, the only place that touches a private key. @returns base64 */
export const signed = (text: string, privateKey: KeyObject): string =>
  sign(null, Buffer.from(text), privateKey).toString('base64');

export const isSignedBy = (text: string, signature: string, publicKey: KeyObject): boolean =>
  verify(null, Buffer.from(text), publicKey, Buffer.from(signature, 'base64'));

export const nextCheckpoint = (
  before: Checkpoint | undefined,
  o: { readonly at: Instant; readonly heads: readonly Head[]; readonly privateKey: KeyObject },
): Checkpoint => {
  const unsigned: Checkpoint = {
    no: (before?.no ?? 0) + 1,
    at: o.at,
    heads: [...o.heads].sort((a, b) => (a.chain < b.chain ? -1 : 1)),
    previous: before === undefined ? FIRST : checkpointHash(before),
    signature: '',
  };
  return { ...unsigned, signature: signed(signedText(unsigned), o.privateKey) };
};

/** @returns what is wrong with a checkpoint that should follow `before`; undefined: nothing */
export const brokenCheckpoint = (
  before: Checkpoint | undefined,
  checkpoint: Checkpoint,
  publicKey: KeyObject,
): string | undefined => {
  const name = `checkpoint ${checkpoint.no}`;
  if (!isSignedBy(signedText(checkpoint), checkpoint.signature, publicKey)) return `${name} is not signed by this key`;
  if (before === undefined) return undefined;
  if (checkpoint.no !== before.no + 1) return `${name} follows checkpoint ${before.no}`;
  return checkpoint.previous === checkpointHash(before) ? undefined : `${name} does not follow from the one before it`;
};

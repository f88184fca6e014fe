import type { KeyObject } from 'node:crypto';
import { canonicalJson, type Instant } from '@tieout/model';
import { isSignedBy, signed, type Signature } from '@tieout/signing';
import { sha256, type Head } from './record.js';

/** Where chains stood at one moment, signed and kept away from the databases: nobody can shorten or rewrite what it names. */
export interface Checkpoint extends Signature {
  readonly no: number;
  readonly at: Instant;
  /** Sorted by chain. Those that moved since the checkpoint before; every hundredth, and one that follows a restart, names all. */
  readonly heads: readonly Head[];
  readonly restarts?: readonly Restart[];
  /** Hash of the checkpoint before; of the first, 64 zeros. */
  readonly previous: string;
}

/** A database went back behind what was signed (a restored backup), and a person said that this is right. */
export interface Restart {
  readonly chain: string;
  /** What was signed last and is no longer there. */
  readonly lost: Pick<Head, 'seq' | 'hash'>;
  /** Where the chain stood when it was acknowledged; it goes on from there. */
  readonly now: Pick<Head, 'seq' | 'hash'>;
  readonly acknowledgedBy: string;
  readonly acknowledgedAt: Instant;
}

const FIRST = '0'.repeat(64);
const KIND = 'audit-checkpoint';

const statementOf = ({ keyId: _, signature: __, ...rest }: Checkpoint) => rest;

export const checkpointHash = (checkpoint: Checkpoint): string => sha256(canonicalJson(checkpoint));

export const nextCheckpoint = (
  before: Checkpoint | undefined,
  o: {
    readonly at: Instant;
    readonly heads: readonly Head[];
    readonly restarts?: readonly Restart[];
    readonly privateKey: KeyObject;
  },
): Checkpoint => {
  const statement = {
    no: (before?.no ?? 0) + 1,
    at: o.at,
    heads: [...o.heads].sort((a, b) => (a.chain < b.chain ? -1 : 1)),
    ...(o.restarts !== undefined && o.restarts.length > 0 && { restarts: o.restarts }),
    previous: before === undefined ? FIRST : checkpointHash(before),
  };
  return { ...statement, ...signed(KIND, statement, o.privateKey) };
};

/** @returns what is wrong with a checkpoint that should follow `before`; undefined: nothing */
export const brokenCheckpoint = (
  before: Checkpoint | undefined,
  checkpoint: Checkpoint,
  publicKeys: readonly KeyObject[],
): string | undefined => {
  const name = `checkpoint ${checkpoint.no}`;
  if (!isSignedBy(KIND, statementOf(checkpoint), checkpoint, publicKeys)) return `${name} is not signed by this key`;
  if (before === undefined) return undefined;
  if (checkpoint.no !== before.no + 1) return `${name} follows checkpoint ${before.no}`;
  return checkpoint.previous === checkpointHash(before) ? undefined : `${name} does not follow from the one before it`;
};

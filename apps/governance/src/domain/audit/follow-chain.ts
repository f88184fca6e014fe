import { genesis, headAfter, type Head, type Restart } from '@tieout/audit';
import type { Context } from '@tieout/contracts';

/** Where a chain was seen when it did not follow from what was signed. */
export interface Broken {
  readonly why: string;
  readonly since: string;
  readonly seen: Pick<Head, 'seq' | 'hash'>;
}

/** A person said that a chain may go on from where it was seen. */
export interface Acknowledged {
  readonly by: string;
  readonly at: string;
  readonly now: Pick<Head, 'seq' | 'hash'>;
}

/** What governance knows of a chain: the head it signed last. */
export interface KnownChain extends Head {
  readonly context: Context;
  readonly broken: Broken | null;
  readonly acknowledged: Acknowledged | null;
}

/** Hashes of bodies of a chain after a record, in order; fewer than asked for: there are no more. */
export type ReadLinks = (chain: string, afterSeq: number, limit: number) => Promise<readonly string[]>;

export type Followed =
  { readonly kind: 'same' } | { readonly kind: 'moved'; readonly head: Head } | { readonly kind: 'broken'; readonly why: string };

const LINKS_AT_ONCE = 5_000;

/** From where a chain must be followed: what was signed, or what a person acknowledged since. */
export const startOf = (known: KnownChain): Head => {
  const { chain, seq, hash, acknowledged } = known;
  return acknowledged === null ? { chain, seq, hash } : { chain, ...acknowledged.now };
};

export const unseen = (chain: string, context: Context): KnownChain => ({
  ...genesis(chain),
  context,
  broken: null,
  acknowledged: null,
});

/** Whether a head that a service reports follows, record by record, from the one that we know. */
export const followChain = async (from: Head, reported: Head | undefined, read: ReadLinks): Promise<Followed> => {
  const { chain } = from;
  const to = reported ?? genesis(chain);
  if (to.seq < from.seq) return { kind: 'broken', why: `it ends at record ${to.seq}, and record ${from.seq} was signed` };
  if (to.seq === from.seq)
    return to.hash === from.hash
      ? { kind: 'same' }
      : { kind: 'broken', why: `record ${to.seq} is another one than the one that was signed` };
  let head = from;
  while (head.seq < to.seq) {
    const hashes = await read(chain, head.seq, Math.min(LINKS_AT_ONCE, to.seq - head.seq));
    if (hashes.length === 0) return { kind: 'broken', why: `record ${head.seq + 1} is missing` };
    head = hashes.reduce<Head>(headAfter, head);
  }
  if (head.seq === to.seq && head.hash === to.hash) return { kind: 'moved', head };
  return { kind: 'broken', why: `what follows record ${from.seq} does not lead to record ${to.seq} as it stands there` };
};

/** What a checkpoint says of a chain that went back and was acknowledged. */
export const restartOf = ({ chain, seq, hash, acknowledged }: KnownChain): Restart | undefined =>
  acknowledged === null
    ? undefined
    : {
        chain,
        lost: { seq, hash },
        now: acknowledged.now,
        acknowledgedBy: acknowledged.by,
        acknowledgedAt: acknowledged.at,
      };

/** Every hundredth checkpoint names all chains: an export may begin at it. */
const COMPLETE_EVERY = 100;

export const isComplete = (no: number, restarts: number): boolean => no % COMPLETE_EVERY === 1 || restarts > 0;

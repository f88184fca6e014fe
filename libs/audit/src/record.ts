import { createHash } from 'node:crypto';
import { canonicalJson, type Instant } from '@tieout/model';

/** What an audit record says. `before` and `after` hold no personal value in clear, only commitments (`personal.ts`). */
export interface AuditBody {
  readonly at: Instant;
  /** "user:<subject>" or "service:<name>". */
  readonly actor: string;
  /** "entry.released" */
  readonly action: string;
  readonly subjectKind: string;
  readonly subjectId: string;
  readonly before?: unknown;
  readonly after?: unknown;
  readonly policyDigest?: string | undefined;
  readonly reason?: string | undefined;
  readonly traceparent?: string | undefined;
}

/** A record in its chain. One chain per service and legal entity: "erp-posting/DE01". */
export interface ChainedRecord {
  readonly chain: string;
  /** 1, 2, 3 … without a gap. */
  readonly seq: number;
  readonly body: AuditBody;
  /** SHA-256, hex, over the hash before and everything above. */
  readonly hash: string;
}

/** Where a chain stands. */
export interface Head {
  readonly chain: string;
  readonly seq: number;
  readonly hash: string;
}

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The head of a chain that has no record yet: bound to its name, so that two chains never share a history. */
export const genesis = (chain: string): Head => ({ chain, seq: 0, hash: sha256(`tieout audit chain ${chain}`) });

/** The next record of a chain. */
export const linked = (head: Head, body: AuditBody): ChainedRecord => {
  const [chain, seq] = [head.chain, head.seq + 1];
  return { chain, seq, body, hash: sha256(`${head.hash}\n${canonicalJson({ chain, seq, body })}`) };
};

/** @returns what is wrong with a record that should follow `head`; undefined: nothing */
export const brokenLink = (head: Head, record: ChainedRecord): string | undefined => {
  if (record.seq !== head.seq + 1) return `record ${record.seq} follows record ${head.seq}: ${gapOf(head.seq, record.seq)}`;
  return linked(head, record.body).hash === record.hash ? undefined : `record ${record.seq} is not what was chained`;
};

const gapOf = (before: number, seq: number): string => {
  if (seq <= before) return 'it stands out of order or twice';
  return seq === before + 2 ? `record ${before + 1} is missing` : `records ${before + 1} to ${seq - 1} are missing`;
};

import { hash } from 'node:crypto';
import type { Instant } from '@tieout/model';

/** What an audit record says. Nothing in it is a personal value in clear: `withoutPersonal` puts commitments in their place. */
export interface AuditBody {
  readonly at: Instant;
  /** "user:<subject>" or "service:<name>". */
  readonly actor: string;
  /** "entry.released" */
  readonly action: string;
  readonly subjectKind: string;
  readonly subjectId: string;
  readonly legalEntityId: string;
  readonly before?: unknown;
  readonly after?: unknown;
  readonly policyDigest?: string | undefined;
  readonly reason?: string | undefined;
  readonly traceparent?: string | undefined;
}

/** A record as whoever changes something says it. */
export type AuditEntry = Omit<AuditBody, 'at'>;

/** Where a chain stands. One chain per service and legal entity: "erp-posting/DE01". */
export interface Head {
  readonly chain: string;
  /** Of its last record: 1, 2, 3 … without a gap; 0: it has none. */
  readonly seq: number;
  /** Hex. */
  readonly hash: string;
}

/** A record in its chain; `hash` is SHA-256 over the hash before, the body's hash, chain and number. */
export interface ChainedRecord extends Head {
  /** The body as it was written and hashed: JSON, never written anew on its way. */
  readonly text: string;
}

/** A record's place without what it says: enough to tell that it follows from another. */
export interface Link extends Head {
  readonly bodyHash: string;
}

/** A body as it is hashed and stored; `before` and `after` are columns of their own, kept as this very text. */
export interface WrittenBody {
  readonly text: string;
  readonly before?: string | undefined;
  readonly after?: string | undefined;
}

/** Of a body whose `before` and `after` are text already. */
export type BodyColumns = Omit<AuditBody, 'before' | 'after'> & Omit<WrittenBody, 'text'>;

export const sha256 = (text: string): string => hash('sha256', text);

/** The text of a body: the same for ever, because what is hashed is this text and not what it means. */
export const bodyText = (body: BodyColumns): string =>
  `{"action":${JSON.stringify(body.action)},"actor":${JSON.stringify(body.actor)}` +
  (body.after === undefined ? '' : `,"after":${body.after}`) +
  `,"at":${JSON.stringify(body.at)}` +
  (body.before === undefined ? '' : `,"before":${body.before}`) +
  `,"legalEntityId":${JSON.stringify(body.legalEntityId)}${optional('policyDigest', body.policyDigest)}` +
  `${optional('reason', body.reason)},"subjectId":${JSON.stringify(body.subjectId)}` +
  `,"subjectKind":${JSON.stringify(body.subjectKind)}${optional('traceparent', body.traceparent)}}`;

export const writtenBody = (body: AuditBody): WrittenBody => {
  const before = body.before === undefined ? undefined : JSON.stringify(body.before);
  const after = body.after === undefined ? undefined : JSON.stringify(body.after);
  return { text: bodyText({ ...body, before, after }), before, after };
};

const optional = (name: string, value: string | undefined): string =>
  value === undefined ? '' : `,"${name}":${JSON.stringify(value)}`;

/** The head of a chain that has no record yet: bound to its name, so that two chains never share a history. */
export const genesis = (chain: string): Head => ({ chain, seq: 0, hash: sha256(`tieout audit chain ${chain}`) });

/**
 * The head after one more record. It needs the body's hash only, so the database can do it without reading a body:
 * `sha256(previous || body_hash || convert_to(chain || E'\n' || seq, 'UTF8'))`.
 */
export const headAfter = ({ chain, seq, hash: previous }: Head, bodyHash: string): Head => {
  const place = Buffer.from(`${chain}\n${seq + 1}`);
  const bytes = Buffer.alloc(64 + place.length);
  bytes.write(previous, 0, 32, 'hex');
  bytes.write(bodyHash, 32, 32, 'hex');
  place.copy(bytes, 64);
  return { chain, seq: seq + 1, hash: hash('sha256', bytes) };
};

/** The next record of a chain. @param text of its body */
export const linked = (head: Head, text: string): ChainedRecord => ({ ...headAfter(head, sha256(text)), text });

/** @returns what is wrong with a record that should follow `head`; undefined: nothing */
export const brokenLink = (head: Head, link: Link): string | undefined => {
  if (link.seq !== head.seq + 1) return `record ${link.seq} follows record ${head.seq}: ${gapOf(head.seq, link.seq)}`;
  return link.chain === head.chain && headAfter(head, link.bodyHash).hash === link.hash
    ? undefined
    : `record ${link.seq} is not what was chained`;
};

const gapOf = (before: number, seq: number): string => {
  if (seq <= before) return 'it stands out of order or twice';
  return seq === before + 2 ? `record ${before + 1} is missing` : `records ${before + 1} to ${seq - 1} are missing`;
};

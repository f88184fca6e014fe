import { createHash, type KeyObject } from 'node:crypto';
import { canonicalJson, type Instant } from '@tieout/model';
import { signed, type Checkpoint } from './checkpoint.js';
import type { PersonalValue } from './personal.js';
import type { ChainedRecord, Head } from './record.js';

export const EXPORT_FORMAT = 1;

/** One line of an export. Records of one chain stand in their order; chains may be mixed. */
export type ExportLine =
  | {
      readonly kind: 'begin';
      readonly format: typeof EXPORT_FORMAT;
      readonly at: Instant;
      /** Where each chain's part of the export begins: `seq` 0, or a head that a checkpoint of the export names. */
      readonly from: readonly Head[];
    }
  | ({ readonly kind: 'record' } & ChainedRecord)
  | { readonly kind: 'checkpoint'; readonly checkpoint: Checkpoint }
  /** A personal value that was not erased. */
  | ({ readonly kind: 'personal' } & PersonalValue)
  | {
      readonly kind: 'end';
      readonly records: number;
      readonly heads: readonly Head[];
      /** SHA-256 over every line before this one, each with its line feed. */
      readonly digest: string;
      /** Ed25519 over the digest. */
      readonly signature: string;
    };

/**
 * The lines of an export, closed by a signature over all of them: whatever is changed, taken out, put in, moved or cut off shows.
 * @returns text without line feeds
 */
export async function* exportLines(o: {
  readonly at: Instant;
  readonly from: readonly Head[];
  readonly lines: AsyncIterable<Extract<ExportLine, { kind: 'record' | 'checkpoint' | 'personal' }>>;
  readonly privateKey: KeyObject;
}): AsyncGenerator<string> {
  const digest = createHash('sha256');
  const heads = new Map(o.from.map((head) => [head.chain, head]));
  let records = 0;
  const text = (line: ExportLine): string => {
    const written = canonicalJson(line);
    digest.update(`${written}\n`);
    return written;
  };
  yield text({ kind: 'begin', format: EXPORT_FORMAT, at: o.at, from: o.from });
  for await (const line of o.lines) {
    if (line.kind === 'record') {
      records += 1;
      heads.set(line.chain, { chain: line.chain, seq: line.seq, hash: line.hash });
    }
    yield text(line);
  }
  const sum = digest.digest('hex');
  const signature = signed(sum, o.privateKey);
  yield canonicalJson({ kind: 'end', records, heads: [...heads.values()], digest: sum, signature } satisfies ExportLine);
}

import { createHash, type KeyObject } from 'node:crypto';
import { canonicalJson, type Instant } from '@tieout/model';
import { signed, type Signature } from '@tieout/signing';
import type { Checkpoint } from './checkpoint.js';
import type { PersonalValue } from './personal.js';
import type { ChainedRecord, Head } from './record.js';

export const EXPORT_FORMAT = 2;

/**
 * One line of an export. A record's line is `{"body":<its text>,"chain":…,"hash":…,"kind":"record","seq":…}`, letter for letter, so that its body can be hashed
 * without being read. Records of one chain stand in their order, and before the checkpoint that names the last of them; chains may be mixed. */
export type ExportLine =
  | {
      readonly kind: 'begin';
      readonly format: typeof EXPORT_FORMAT;
      readonly at: Instant;
      /** Where chains' parts of the export begin, when not at their first record: heads that its first checkpoint names. */
      readonly from: readonly Head[];
      /** Only these chains; absent: all that the checkpoints name. */
      readonly only?: readonly string[];
    }
  | { readonly kind: 'checkpoint'; readonly checkpoint: Checkpoint }
  /** A personal value that was not erased. */
  | ({ readonly kind: 'personal' } & PersonalValue)
  | ({ readonly kind: 'end' } & ExportEnd & Signature);

/** What an export is made of, in this order. */
export type ExportItem = ({ readonly kind: 'record' } & ChainedRecord) | Extract<ExportLine, { kind: 'checkpoint' | 'personal' }>;

/** What is signed of an export. */
export interface ExportEnd {
  readonly records: number;
  readonly heads: readonly Head[];
  /** SHA-256 over every line before this one, each with its line feed. */
  readonly digest: string;
}

/**
 * The lines of an export, closed by a signature over all of them: whatever is changed, taken out, put in, moved or cut off shows.
 * @returns text without line feeds
 */
export async function* exportLines(o: {
  readonly at: Instant;
  readonly from: readonly Head[];
  readonly only?: readonly string[] | undefined;
  readonly lines: AsyncIterable<ExportItem>;
  readonly privateKey: KeyObject;
}): AsyncGenerator<string> {
  const digest = createHash('sha256');
  const heads = new Map(o.from.map((head) => [head.chain, head]));
  let records = 0;
  const counted = (text: string): string => {
    digest.update(`${text}\n`);
    return text;
  };
  const begin: ExportLine = { kind: 'begin', format: EXPORT_FORMAT, at: o.at, from: o.from, ...(o.only && { only: o.only }) };
  yield counted(canonicalJson(begin));
  for await (const item of o.lines) {
    if (item.kind !== 'record') {
      yield counted(canonicalJson(item));
      continue;
    }
    const { chain, seq, hash, text } = item;
    records += 1;
    heads.set(chain, { chain, seq, hash });
    yield counted(`{"body":${text},"chain":${JSON.stringify(chain)},"hash":"${hash}","kind":"record","seq":${seq}}`);
  }
  const end: ExportEnd = { records, heads: [...heads.values()], digest: digest.digest('hex') };
  yield canonicalJson({ kind: 'end', ...end, ...signed('audit-export', end, o.privateKey) } satisfies ExportLine);
}

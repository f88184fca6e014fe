import { createHash, type KeyObject } from 'node:crypto';
import { isSignedBy } from '@tieout/signing';
import { brokenCheckpoint, type Checkpoint, type Restart } from './checkpoint.js';
import { EXPORT_FORMAT, type ExportLine } from './export.js';
import { opens } from './personal.js';
import { brokenLink, genesis, sha256, type Head, type Link } from './record.js';

export interface VerifyReport {
  readonly ok: boolean;
  readonly records: number;
  readonly chains: number;
  readonly checkpoints: number;
  /** Personal values that stand in the export and are what was committed to. */
  readonly personal: number;
  /** What is wrong, each with its line; the first hundred. */
  readonly errors: readonly string[];
  /** What is right and worth knowing: chains that went back behind what was signed, and who acknowledged it. */
  readonly notes: readonly string[];
}

export interface VerifyOptions {
  /** Called after every 100 000 records. */
  readonly onProgress?: (records: number) => void;
}

const MOST_ERRORS = 100;
const PROGRESS_EVERY = 100_000;

/**
 * Checks an export with nothing but its lines and the public keys that may have signed it. Memory does not grow with it.
 * @param lines text without line feeds
 */
export const verifyExport = async (
  lines: AsyncIterable<string> | Iterable<string>,
  publicKeys: readonly KeyObject[],
  options: VerifyOptions = {},
): Promise<VerifyReport> => {
  const verification = new Verification(publicKeys, options);
  for await (const line of lines) verification.take(line);
  return verification.report();
};

/** As `exportLines` writes a record: its body is the text that was hashed, and need not be parsed. */
const RECORD_BEGIN = '{"body":';
const RECORD_REST = /,"chain":("(?:[^"\\]|\\.)+"),"hash":"([0-9a-f]{64})","kind":"record","seq":([1-9]\d{0,14})\}$/y;

class Verification {
  readonly #errors: string[] = [];
  readonly #notes: string[] = [];
  readonly #heads = new Map<string, Head>();
  readonly #digest = createHash('sha256');
  /** Heads that checkpoints name and the records have not reached yet, by chain and number. */
  readonly #expected = new Map<string, Map<number, Head>>();
  /** Where records differ from what checkpoints name, by chain: an error, unless a later checkpoint says that the chain was restarted. */
  readonly #doubts = new Map<string, string[]>();
  #only: ReadonlySet<string> | undefined;
  #lineNo = 0;
  #records = 0;
  #checkpoints = 0;
  #personal = 0;
  #lastCheckpoint: Checkpoint | undefined;
  #ended = false;

  constructor(
    private readonly publicKeys: readonly KeyObject[],
    private readonly options: VerifyOptions,
  ) {}

  take(text: string): void {
    this.#lineNo += 1;
    if (this.#ended) return this.#wrong('something follows the end');
    const link = this.#lineNo === 1 ? undefined : writtenRecord(text);
    if (link !== undefined) {
      this.#digest.update(`${text}\n`);
      return this.#record(link);
    }
    const line = this.#parsed(text);
    if (line === undefined) return;
    if ((this.#lineNo === 1) !== (line.kind === 'begin')) this.#wrong('an export begins with one line "begin"');
    if (line.kind !== 'end') this.#digest.update(`${text}\n`);
    try {
      this.#read(line);
    } catch {
      this.#wrong('not a line of an export');
    }
  }

  #read(line: ExportLine): void {
    if (line.kind === 'begin') this.#begin(line);
    else if (line.kind === 'checkpoint') this.#checkpoint(line.checkpoint);
    else if (line.kind === 'personal') this.#opened(line);
    else if (line.kind === 'end') this.#end(line);
    else this.#wrong('a line of no known kind, or a record that is not written as it was exported');
  }

  report(): VerifyReport {
    if (!this.#ended) this.#wrong('the export has no end: it was cut off');
    for (const doubts of this.#doubts.values()) for (const doubt of doubts) this.#tell(doubt);
    for (const [chain, heads] of this.#expected)
      for (const seq of heads.keys())
        this.#wrong(`${chain}: a checkpoint names record ${seq}, and the chain ends at ${this.#heads.get(chain)?.seq ?? 0}`);
    return {
      ok: this.#errors.length === 0,
      records: this.#records,
      chains: this.#heads.size,
      checkpoints: this.#checkpoints,
      personal: this.#personal,
      errors: this.#errors,
      notes: this.#notes,
    };
  }

  #parsed(text: string): ExportLine | undefined {
    try {
      return JSON.parse(text) as ExportLine;
    } catch {
      this.#digest.update(`${text}\n`);
      this.#wrong('not JSON');
      return undefined;
    }
  }

  #begin({ format, from, only }: Extract<ExportLine, { kind: 'begin' }>): void {
    if (format !== EXPORT_FORMAT) this.#wrong(`format ${String(format)}: this version reads ${EXPORT_FORMAT}`);
    this.#only = only && new Set(only);
    for (const head of from.map(asHead)) {
      this.#heads.set(head.chain, head);
      if (head.seq > 0) this.#expect(head);
      else if (head.hash !== genesis(head.chain).hash) this.#wrong(`${head.chain}: begins with another hash than its own`);
    }
  }

  #record(link: Link): void {
    this.#records += 1;
    const head = this.#heads.get(link.chain) ?? genesis(link.chain);
    const broken = brokenLink(head, link);
    if (broken !== undefined) this.#wrong(`${link.chain}: ${broken}`);
    // Goes on from what it says, so that one wrong record is told once.
    this.#heads.set(link.chain, { chain: link.chain, seq: link.seq, hash: link.hash });
    this.#meet(link);
    if (this.#records % PROGRESS_EVERY === 0) this.options.onProgress?.(this.#records);
  }

  #checkpoint(checkpoint: Checkpoint): void {
    this.#checkpoints += 1;
    const broken = brokenCheckpoint(this.#lastCheckpoint, checkpoint, this.publicKeys);
    if (broken !== undefined) this.#wrong(broken);
    this.#lastCheckpoint = checkpoint;
    for (const restart of checkpoint.restarts ?? []) this.#restart(checkpoint.no, restart);
    for (const head of checkpoint.heads.map(asHead)) {
      if (this.#only !== undefined && !this.#only.has(head.chain)) continue;
      const known = this.#heads.get(head.chain);
      if ((known?.seq ?? 0) < head.seq) this.#expect(head);
      else if (known!.seq === head.seq && known!.hash === head.hash) this.#expected.get(head.chain)?.delete(head.seq);
      else this.#doubt(head.chain, `record ${head.seq} is not the one that checkpoint ${checkpoint.no} names`);
    }
  }

  /** What was signed before and is not there is no longer wrong: a person said so, and it is signed. */
  #restart(no: number, { chain, lost, now, acknowledgedBy, acknowledgedAt }: Restart): void {
    if (this.#only !== undefined && !this.#only.has(chain)) return;
    this.#doubts.delete(chain);
    this.#expected.delete(chain);
    this.#notes.push(
      `${chain}: record ${lost.seq} was signed, then the chain went back and stood at ${now.seq}; ${acknowledgedBy} acknowledged it at ${acknowledgedAt} (checkpoint ${no})`,
    );
  }

  #expect(head: Head): void {
    if (head.seq === 0) return;
    const heads = this.#expected.get(head.chain) ?? new Map<number, Head>();
    this.#expected.set(head.chain, heads.set(head.seq, head));
  }

  #meet({ chain, seq, hash }: Head): void {
    const heads = this.#expected.get(chain);
    const expected = heads?.get(seq);
    if (expected === undefined) return;
    heads!.delete(seq);
    if (heads!.size === 0) this.#expected.delete(chain);
    if (expected.hash !== hash) this.#doubt(chain, `record ${seq} is not the one that a checkpoint names`);
  }

  #opened(line: Extract<ExportLine, { kind: 'personal' }>): void {
    if (opens(line)) this.#personal += 1;
    else this.#wrong(`the personal value of ${line.commitment} is not what was committed to`);
  }

  #end({ kind: _, keyId, signature, ...end }: Extract<ExportLine, { kind: 'end' }>): void {
    this.#ended = true;
    if (end.records !== this.#records) this.#wrong(`${this.#records} records, the end says ${end.records}`);
    for (const head of end.heads)
      if (this.#heads.get(head.chain)?.hash !== head.hash) this.#wrong(`${head.chain}: ends otherwise than the export says`);
    if (end.digest !== this.#digest.digest('hex')) this.#wrong('the lines are not those that were signed');
    if (!isSignedBy('audit-export', end, { keyId, signature }, this.publicKeys)) this.#wrong('the end is not signed by this key');
  }

  #doubt(chain: string, what: string): void {
    const doubts = this.#doubts.get(chain) ?? [];
    if (doubts.length < MOST_ERRORS) doubts.push(`line ${this.#lineNo}: ${chain}: ${what}`);
    this.#doubts.set(chain, doubts);
  }

  #wrong(what: string): void {
    this.#tell(`line ${this.#lineNo}: ${what}`);
  }

  #tell(error: string): void {
    if (this.#errors.length < MOST_ERRORS) this.#errors.push(error);
  }
}

/** @throws Error: what is no head must not become the place where a chain stands. */
const asHead = ({ chain, seq, hash }: Head): Head => {
  if (typeof chain !== 'string' || !Number.isSafeInteger(seq) || seq < 0 || !/^[0-9a-f]{64}$/.test(hash))
    throw new Error('no head');
  return { chain, seq, hash };
};

const writtenRecord = (text: string): Link | undefined => {
  if (!text.startsWith(RECORD_BEGIN)) return undefined;
  const at = text.lastIndexOf(',"chain":"');
  if (at < 0) return undefined;
  RECORD_REST.lastIndex = at;
  const rest = RECORD_REST.exec(text);
  if (rest === null) return undefined;
  const [, chain, hash, seq] = rest;
  return {
    chain: JSON.parse(chain!) as string,
    seq: Number(seq),
    hash: hash!,
    bodyHash: sha256(text.slice(RECORD_BEGIN.length, at)),
  };
};

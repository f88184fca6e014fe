import { createHash, type KeyObject } from 'node:crypto';
import { brokenCheckpoint, isSignedBy, type Checkpoint } from './checkpoint.js';
import { EXPORT_FORMAT, type ExportLine } from './export.js';
import { opens } from './personal.js';
import { brokenLink, genesis, type Head } from './record.js';

export interface VerifyReport {
  readonly ok: boolean;
  readonly records: number;
  readonly chains: number;
  readonly checkpoints: number;
  /** Personal values that stand in the export and are what was committed to. */
  readonly personal: number;
  /** What is wrong, each with its line; the first hundred. */
  readonly errors: readonly string[];
}

const MOST_ERRORS = 100;

/** Checks an export with nothing but its lines and the public key. Memory does not grow with it. */
export const verifyExport = async (lines: AsyncIterable<string>, publicKey: KeyObject): Promise<VerifyReport> => {
  const verification = new Verification(publicKey);
  for await (const line of lines) verification.take(line);
  return verification.report();
};

class Verification {
  readonly #errors: string[] = [];
  readonly #heads = new Map<string, Head>();
  readonly #digest = createHash('sha256');
  /** Heads that checkpoints name and the records have not reached yet, by chain and number. */
  readonly #expected = new Map<string, Map<number, string>>();
  #lineNo = 0;
  #records = 0;
  #checkpoints = 0;
  #personal = 0;
  #lastCheckpoint: Checkpoint | undefined;
  #ended = false;

  constructor(private readonly publicKey: KeyObject) {}

  take(text: string): void {
    this.#lineNo += 1;
    if (this.#ended) return this.#wrong('something follows the end');
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
    else if (line.kind === 'record') this.#record(line);
    else if (line.kind === 'checkpoint') this.#checkpoint(line.checkpoint);
    else if (line.kind === 'personal') this.#opened(line);
    else if (line.kind === 'end') this.#end(line);
    else this.#wrong('a line of no known kind');
  }

  report(): VerifyReport {
    if (!this.#ended) this.#wrong('the export has no end: it was cut off');
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

  #begin({ format, from }: Extract<ExportLine, { kind: 'begin' }>): void {
    if (format !== EXPORT_FORMAT) this.#wrong(`format ${String(format)}: this version reads ${EXPORT_FORMAT}`);
    for (const head of from) {
      this.#heads.set(head.chain, head);
      if (head.seq > 0) this.#expect(head);
      else if (head.hash !== genesis(head.chain).hash) this.#wrong(`${head.chain}: begins with another hash than its own`);
    }
  }

  #record(line: Extract<ExportLine, { kind: 'record' }>): void {
    this.#records += 1;
    const head = this.#heads.get(line.chain) ?? genesis(line.chain);
    const broken = brokenLink(head, line);
    if (broken !== undefined) this.#wrong(`${line.chain}: ${broken}`);
    // Goes on from what it says, so that one wrong record is told once.
    this.#heads.set(line.chain, { chain: line.chain, seq: line.seq, hash: line.hash });
    this.#meet(line);
  }

  #checkpoint(checkpoint: Checkpoint): void {
    this.#checkpoints += 1;
    const broken = brokenCheckpoint(this.#lastCheckpoint, checkpoint, this.publicKey);
    if (broken !== undefined) this.#wrong(broken);
    this.#lastCheckpoint = checkpoint;
    for (const head of checkpoint.heads) {
      const known = this.#heads.get(head.chain);
      if (known !== undefined && known.seq > head.seq) continue;
      if (known?.seq !== head.seq) this.#expect(head);
      else if (known.hash === head.hash) this.#expected.get(head.chain)?.delete(head.seq);
      else this.#wrong(`${head.chain}: record ${head.seq} is not the one that checkpoint ${checkpoint.no} names`);
    }
  }

  #expect({ chain, seq, hash }: Head): void {
    if (seq === 0) return;
    const heads = this.#expected.get(chain) ?? new Map<number, string>();
    this.#expected.set(chain, heads.set(seq, hash));
  }

  #meet({ chain, seq, hash }: Head): void {
    const heads = this.#expected.get(chain);
    const expected = heads?.get(seq);
    if (expected === undefined) return;
    heads!.delete(seq);
    if (heads!.size === 0) this.#expected.delete(chain);
    if (expected !== hash) this.#wrong(`${chain}: record ${seq} is not the one that a checkpoint names`);
  }

  #opened(line: Extract<ExportLine, { kind: 'personal' }>): void {
    if (opens(line)) this.#personal += 1;
    else this.#wrong(`the personal value of ${line.commitment} is not what was committed to`);
  }

  #end({ records, heads, digest, signature }: Extract<ExportLine, { kind: 'end' }>): void {
    this.#ended = true;
    if (records !== this.#records) this.#wrong(`${this.#records} records, the end says ${records}`);
    for (const head of heads)
      if (this.#heads.get(head.chain)?.hash !== head.hash) this.#wrong(`${head.chain}: ends otherwise than the export says`);
    if (digest !== this.#digest.digest('hex')) this.#wrong('the lines are not those that were signed');
    if (!isSignedBy(digest, signature, this.publicKey)) this.#wrong('the end is not signed by this key');
  }

  #wrong(what: string): void {
    if (this.#errors.length < MOST_ERRORS) this.#errors.push(`line ${this.#lineNo}: ${what}`);
  }
}

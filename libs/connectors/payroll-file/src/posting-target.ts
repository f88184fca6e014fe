import { createHash } from 'node:crypto';
import type {
  BookedDocument,
  FoundDocument,
  LedgerPage,
  PostingDocument,
  PostingTarget,
  PostOutcome,
} from '@tieout/connector-kit';
import { Fault } from '@tieout/model';
import { disagreement, type Answer, type Answers } from './client/answers.js';
import type { Outbox } from './client/outbox.js';
import { composeFile, readFileBack } from './client/pay-run-file.js';
import type { PayrollFileConfig } from './config.js';
import { carriesKey, fileNameOf, isFileName, toBookedDocument, toFile } from './mapping.js';

/** A reason that begins so says that the bureau's period is closed, whatever the lines. */
const PERIOD_CLOSED = 'PERIOD_CLOSED';

/** One file per document; its name is ticket and external id at once. */
export class PayrollFileTarget implements PostingTarget {
  constructor(
    private readonly outbox: Outbox,
    private readonly answers: Answers,
    private readonly config: PayrollFileConfig,
  ) {}

  verifyAccess(): Promise<void> {
    return this.outbox.verify();
  }

  async post(document: PostingDocument): Promise<PostOutcome> {
    const name = fileNameOf(document);
    const text = composeFile(toFile(document));
    const standing = (await this.outbox.list()).filter((other) => carriesKey(other, document.documentKey));
    const other = standing.find((known) => known !== name);
    if (other !== undefined || (standing.length > 0 && (await this.outbox.read(name)) !== text))
      throw new Fault(
        'ContractBroken',
        `document ${document.documentKey}: ${other ?? name} stands there with another content; nothing was written`,
      );
    if (standing.length === 0) {
      const sha256 = createHash('sha256').update(text).digest('hex');
      // First, so that the file is never there without it; alone it means nothing.
      await this.outbox.put(`${name}.sha256`, `${sha256}  ${name}\n`).catch(nothingSent);
      await this.outbox.put(name, text);
    }
    return this.outcomeOf(name, document);
  }

  async outcomeOf(ticket: string, document: PostingDocument): Promise<PostOutcome> {
    const answer = await this.answers.to(ticket);
    if (answer.kind === 'refused') return rejection(ticket, answer, document);
    if (answer.kind === 'none')
      return this.config.acknowledgement === 'none' ? { kind: 'posted', externalId: ticket } : { kind: 'accepted', ticket };
    const differs = disagreement(toFile(document).totals, answer.totals);
    // Neither yes nor no: the bureau took something else. Sent again it could pay twice, so it waits for a person and a right answer.
    if (differs !== undefined) throw new Fault('ContractBroken', `the acknowledgement of ${ticket} says ${differs}`);
    return { kind: 'posted', externalId: ticket };
  }

  async findByReference(documentKey: string): Promise<readonly FoundDocument[]> {
    const names = (await this.outbox.list()).filter((name) => carriesKey(name, documentKey));
    const found: FoundDocument[] = [];
    for (const name of names) {
      const state = this.#stateOf(await this.answers.to(name));
      if (state !== 'refused') found.push({ externalId: name, state });
    }
    return found;
  }

  async readBack(externalIds: readonly string[]): Promise<readonly BookedDocument[]> {
    const documents: BookedDocument[] = [];
    // One folder listing tells an absent folder from an absent file.
    const present = externalIds.length === 0 ? new Set() : new Set(await this.outbox.list());
    for (const name of externalIds) if (isFileName(name) && present.has(name)) documents.push(...(await this.#booked(name)));
    return documents;
  }

  async readLedger(window: { readonly from: string; readonly to: string }, cursor: string | undefined): Promise<LedgerPage> {
    const rest = (await this.outbox.list()).filter((name) => isFileName(name) && (cursor === undefined || name > cursor));
    const page = rest.slice(0, this.config.pageSize);
    const documents: BookedDocument[] = [];
    for (const name of page)
      for (const document of await this.#booked(name))
        if (document.postingDate! >= window.from && document.postingDate! <= window.to) documents.push(document);
    return { documents, ...(rest.length > page.length && { next: page.at(-1)! }) };
  }

  /** None where the file went meanwhile, or was refused: a refused file is booked nowhere. */
  async #booked(name: string): Promise<BookedDocument[]> {
    const text = await this.outbox.read(name);
    const state = this.#stateOf(await this.answers.to(name));
    if (text === undefined || state === 'refused') return [];
    return [toBookedDocument(name, readFileBack(name, text), state)];
  }

  #stateOf(answer: Answer): 'draft' | 'posted' | 'refused' {
    if (answer.kind === 'refused') return 'refused';
    return answer.kind === 'acknowledged' || this.config.acknowledgement === 'none' ? 'posted' : 'draft';
  }
}

/** Only the file itself counts; whatever became of its checksum, nothing was handed over. */
const nothingSent = (error: unknown): never => {
  throw new Fault('Unavailable', error instanceof Error ? error.message : String(error), { cause: error });
};

const rejection = (ticket: string, answer: Extract<Answer, { kind: 'refused' }>, document: PostingDocument): PostOutcome => {
  const lines = answer.reasons.flatMap(({ lineNo, reason }) => {
    const line = document.lines[lineNo - 1];
    return line === undefined ? [] : [{ postingKey: line.postingKey, message: reason === '' ? 'refused' : reason }];
  });
  const whole = answer.reasons.filter(({ lineNo }) => lineNo === 0).map(({ reason }) => reason);
  const closed = whole.some((reason) => reason.startsWith(PERIOD_CLOSED));
  const message = [`the bureau refused ${ticket}`, ...whole].join(': ');
  return { kind: 'rejected', cause: closed ? 'period-closed' : lines.length > 0 ? 'invalid-line' : 'other', message, lines };
};

import type { DraftOutcome, PostingDocument, PostingTarget, PostOutcome } from '@tieout/connector-kit';
import { Fault } from '@tieout/model';
import type { SandboxClient } from '../client/sandbox-client.js';
import { isObject, textAt } from '../client/shape.js';
import { readAnswer, toPosted, toRejection } from './answers.js';
import type { ErpConfig } from './erp-config.js';
import { JournalBooks } from './journal-books.js';
import { toJournal } from './journal-mapping.js';

const segment = encodeURIComponent;

/** Writes journals, in each of the ways that the ERP may offer. The document key is key and reference at once. */
class JournalWrites {
  constructor(private readonly client: SandboxClient) {}

  async post(document: PostingDocument, headers: Readonly<Record<string, string>> = {}): Promise<PostOutcome> {
    return readAnswer(await this.client.post('/journals', toJournal(document), headers), document, 'POST /journals');
  }
  async upsert(document: PostingDocument): Promise<PostOutcome> {
    const path = `/journals/by-reference/${segment(document.documentKey)}`;
    return readAnswer(await this.client.put(path, toJournal(document)), document, 'PUT /journals');
  }
  async createDraft(document: PostingDocument): Promise<DraftOutcome> {
    const answer = await this.client.post('/journals?draft=true', toJournal(document), {});
    const outcome = readAnswer(answer, document, 'POST /journals?draft');
    if (outcome.kind === 'posted') return { kind: 'drafted', draftId: outcome.externalId };
    if (outcome.kind === 'rejected') return outcome;
    throw new Fault('OutcomeUnknown', 'POST /journals?draft: answered with a ticket, not with a draft');
  }
  async postDraft(draftId: string, document: PostingDocument): Promise<PostOutcome> {
    return readAnswer(await this.client.post(`/journals/${segment(draftId)}/post`, {}, {}), document, 'POST /journals/:no/post');
  }
  async discardDraft(draftId: string): Promise<void> {
    const { status } = await this.client.remove(`/journals/${segment(draftId)}`);
    // Gone already is as good.
    if (status !== 204 && status !== 404) throw new Fault('ContractBroken', `draft ${draftId} cannot be discarded: ${status}`);
  }
  async outcomeOf(ticket: string, document: PostingDocument): Promise<PostOutcome> {
    const body = await this.client.read(`/tickets/${segment(ticket)}`, {}, [404]);
    // A ticket that leads nowhere is no answer: whether the journal stands is for the look-up by reference.
    if (body === undefined) throw new Fault('OutcomeUnknown', `the ERP does not know its own ticket ${ticket}`);
    const state = textAt(body, 'state', `ticket ${ticket}`);
    if (state === 'queued') return { kind: 'accepted', ticket };
    if (state === 'booked') return toPosted(body, textAt(body, 'journalNo', `ticket ${ticket}`), document);
    if (state !== 'refused') throw new Fault('ContractBroken', `ticket ${ticket}: unknown state ${state}`);
    return toRejection(isObject(body['problem']) ? body['problem'] : {}, document);
  }
}

/** The ERP as a destination, with what this connection is configured to offer and nothing else. */
export const erpTarget = (client: SandboxClient, config: ErpConfig): PostingTarget => {
  const { protocol } = config;
  const books = new JournalBooks(client, config.pageSize);
  const writes = new JournalWrites(client);
  const headersOf = (document: PostingDocument): Record<string, string> =>
    protocol === 'idempotency-key' ? { 'idempotency-key': document.documentKey } : {};
  return {
    verifyAccess: () => books.verifyAccess(),
    readBack: (externalIds) => books.readBack(externalIds),
    readLedger: (window, cursor) => books.readLedger(window, cursor),
    ...(protocol !== 'none' && { findByReference: (documentKey: string) => books.findByReference(documentKey) }),
    ...(config.answersLater && {
      outcomeOf: (ticket: string, document: PostingDocument) => writes.outcomeOf(ticket, document),
    }),
    ...(protocol === 'draft-then-post'
      ? {
          createDraft: (document: PostingDocument) => writes.createDraft(document),
          postDraft: (draftId: string, document: PostingDocument) => writes.postDraft(draftId, document),
          discardDraft: (draftId: string) => writes.discardDraft(draftId),
        }
      : {
          post: (document: PostingDocument) =>
            protocol === 'upsert' ? writes.upsert(document) : writes.post(document, headersOf(document)),
        }),
  };
};

import type {
  BookedDocument,
  FoundDocument,
  LedgerPage,
  PostingDocument,
  PostingTarget,
  PostOutcome,
  RejectedLine,
} from '@tieout/connector-kit';
import { Fault } from '@tieout/model';
import type { SandboxClient } from '../client/sandbox-client.js';
import { isObject, objectsAt, optionalText, textAt, type JsonObject } from '../client/shape.js';
import { toBatch, toBookedDocument } from './payroll-mapping.js';

/** The vendor's limit on GET /batches?tickets=. */
const TICKETS_PER_READ = 50;

const bodyOf = (text: string): JsonObject => {
  try {
    const body: unknown = JSON.parse(text);
    return isObject(body) ? body : {};
  } catch {
    return {};
  }
};

const rejectedLines = (errors: readonly JsonObject[], document: PostingDocument): RejectedLine[] => {
  const keys = new Set(document.lines.map((line) => line.postingKey));
  const messages = new Map<string, string[]>();
  for (const error of errors) {
    const key = optionalText(error, 'lineRef');
    if (key !== undefined && keys.has(key))
      messages.set(key, [...(messages.get(key) ?? []), optionalText(error, 'message') ?? 'invalid']);
  }
  return [...messages].map(([postingKey, all]) => ({ postingKey, message: all.join('; ') }));
};

/**
 * Hands pay-run batches over. A yes means queued: the batch's own number is the ticket, and what became of it is asked later. References
 * are not unique here, so the engine looks before it sends again.
 */
export class PayrollPostingTarget implements PostingTarget {
  constructor(
    private readonly client: SandboxClient,
    private readonly pageSize: number,
  ) {}

  async verifyAccess(): Promise<void> {
    await this.client.readPresent('/status');
  }
  async post(document: PostingDocument): Promise<PostOutcome> {
    const answer = await this.client.post('/batches', toBatch(document), {});
    const body = bodyOf(answer.text);
    const ticket = optionalText(body, 'ticket');
    if (answer.status === 202 && ticket !== undefined) return { kind: 'accepted', ticket };
    const error = isObject(body['error']) ? body['error'] : {};
    const code = optionalText(error, 'code') ?? String(answer.status);
    if (answer.status >= 400)
      return {
        kind: 'rejected',
        cause: code === 'PERIOD_CLOSED' ? 'period-closed' : 'other',
        message: `${code}: ${optionalText(error, 'message') ?? 'no message'}`,
        lines: [],
      };
    throw new Fault('OutcomeUnknown', `POST /batches: ${answer.status} without a ticket (${code})`);
  }
  async outcomeOf(ticket: string, document: PostingDocument): Promise<PostOutcome> {
    const batch = await this.client.read(`/batches/${encodeURIComponent(ticket)}`, {}, [404]);
    // A ticket that leads nowhere is no answer: whether the batch stands is for the look-up by reference.
    if (batch === undefined) throw new Fault('OutcomeUnknown', `the bureau does not know its own ticket ${ticket}`);
    const status = textAt(batch, 'status', `batch ${ticket}`);
    if (status === 'queued') return { kind: 'accepted', ticket };
    // Also where its totals are not ours: it stands there, and the read-back names the line that differs.
    if (status === 'acknowledged') return { kind: 'posted', externalId: ticket };
    if (status !== 'refused') throw new Fault('ContractBroken', `batch ${ticket}: unknown status ${status}`);
    const lines = rejectedLines(objectsAt(batch, 'errors', `batch ${ticket}`), document);
    return { kind: 'rejected', cause: 'invalid-line', message: `the bureau refused batch ${ticket}`, lines };
  }
  async findByReference(documentKey: string): Promise<readonly FoundDocument[]> {
    const body = await this.client.readPresent('/batches', { reference: documentKey });
    return objectsAt(body, 'items', 'batches')
      .filter((batch) => batch['status'] !== 'refused')
      .map((batch) => ({
        externalId: textAt(batch, 'ticket', 'batch'),
        state: batch['status'] === 'acknowledged' ? 'posted' : 'draft',
      }));
  }
  async readBack(externalIds: readonly string[]): Promise<readonly BookedDocument[]> {
    const documents: BookedDocument[] = [];
    for (let at = 0; at < externalIds.length; at += TICKETS_PER_READ) {
      const tickets = externalIds.slice(at, at + TICKETS_PER_READ).join(',');
      documents.push(...standing(await this.client.readPresent('/batches', { tickets })));
    }
    return documents;
  }
  async readLedger(window: { readonly from: string; readonly to: string }, cursor: string | undefined): Promise<LedgerPage> {
    const body = await this.client.readPresent('/batches', { ...window, after: cursor, limit: String(this.pageSize) });
    const next = optionalText(body, 'next');
    return { documents: standing(body), ...(next !== undefined && { next }) };
  }
}

/** A refused batch stands nowhere. */
const standing = (body: JsonObject): BookedDocument[] =>
  objectsAt(body, 'items', 'batches')
    .filter((batch) => batch['status'] !== 'refused')
    .map(toBookedDocument);

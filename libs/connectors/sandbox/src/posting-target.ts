import type {
  BookedDocument,
  FoundDocument,
  HttpAnswer,
  PostingDocument,
  PostingTarget,
  PostOutcome,
  RejectedLine,
  Rejection,
} from '@tieout/connector-kit';
import { Fault } from '@tieout/model';
import type { SandboxClient } from './client/sandbox-client.js';
import { isObject, objectsAt, optionalText, textAt, type JsonObject } from './client/shape.js';
import { toBookedDocument, toJournal } from './mapping.js';

/** The vendor's limit on GET /journals?ids=. */
const IDS_PER_READ = 50;

/** The body, when it is an object: an answer to a write must never become another fault while it is being read. */
const bodyOf = (answer: HttpAnswer): JsonObject => {
  try {
    const body: unknown = JSON.parse(answer.text);
    return isObject(body) ? body : {};
  } catch {
    return {};
  }
};

const rejectedLines = (error: JsonObject, document: PostingDocument): RejectedLine[] => {
  const keys = new Set(document.lines.map((line) => line.postingKey));
  const messages = new Map<string, string[]>();
  for (const line of Array.isArray(error['lines']) ? error['lines'].filter(isObject) : []) {
    const key = optionalText(line, 'lineRef');
    if (key !== undefined && keys.has(key))
      messages.set(key, [...(messages.get(key) ?? []), optionalText(line, 'message') ?? 'invalid']);
  }
  return [...messages].map(([postingKey, all]) => ({ postingKey, message: all.join('; ') }));
};

const toRejection = (status: number, error: JsonObject, document: PostingDocument): Rejection => {
  const code = optionalText(error, 'code') ?? String(status);
  const cause = code === 'PERIOD_CLOSED' ? 'period-closed' : code === 'LINES_INVALID' ? 'invalid-line' : 'other';
  return {
    kind: 'rejected',
    cause,
    message: `${code}: ${optionalText(error, 'message') ?? 'no message'}`,
    lines: rejectedLines(error, document),
  };
};

/** Posts journals under a native idempotency key: the document key is key and reference at once. */
export class ErpPostingTarget implements PostingTarget {
  constructor(private readonly client: SandboxClient) {}

  async verifyAccess(): Promise<void> {
    await this.client.readPresent('/status');
  }
  async post(document: PostingDocument): Promise<PostOutcome> {
    const answer = await this.client.post('/journals', toJournal(document), { 'idempotency-key': document.documentKey });
    const body = bodyOf(answer);
    const externalId = optionalText(body, 'journalNo');
    if (answer.status === 201 && externalId !== undefined) return { kind: 'posted', externalId };
    const error = isObject(body['error']) ? body['error'] : {};
    // The key stands for other content: something is booked that this document is not. No rejection, or it would be sent anew.
    if (answer.status === 409)
      throw new Fault('ContractBroken', `document ${document.documentKey}: its key was used for another content`);
    if (answer.status >= 400) return toRejection(answer.status, error, document);
    // 200 with an error in it, or 201 without a number: no proof of anything.
    throw new Fault(
      'OutcomeUnknown',
      `POST /journals: ${answer.status} without a journal number (${optionalText(error, 'code') ?? 'no error code'})`,
    );
  }
  async findByReference(documentKey: string): Promise<readonly FoundDocument[]> {
    const body = await this.client.readPresent('/journals', { reference: documentKey });
    return objectsAt(body, 'items', 'journals').map((journal) => ({
      externalId: textAt(journal, 'journalNo', 'journal'),
      state: 'posted',
    }));
  }
  async readBack(externalIds: readonly string[]): Promise<readonly BookedDocument[]> {
    const documents: BookedDocument[] = [];
    for (let at = 0; at < externalIds.length; at += IDS_PER_READ) {
      const body = await this.client.readPresent('/journals', { ids: externalIds.slice(at, at + IDS_PER_READ).join(',') });
      documents.push(...objectsAt(body, 'items', 'journals').map(toBookedDocument));
    }
    return documents;
  }
}

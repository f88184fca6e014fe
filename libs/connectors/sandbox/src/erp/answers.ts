import type { HttpAnswer, PostingDocument, PostOutcome, RejectedLine, Rejection } from '@tieout/connector-kit';
import { Fault } from '@tieout/model';
import { isObject, optionalText, type JsonObject } from '../client/shape.js';

/** The body, when it is an object: an answer to a write must never become another fault while it is being read. */
const bodyOf = ({ text }: HttpAnswer): JsonObject => {
  try {
    const body: unknown = JSON.parse(text);
    return isObject(body) ? body : {};
  } catch {
    return {};
  }
};

const listAt = (body: JsonObject, name: string): readonly JsonObject[] =>
  Array.isArray(body[name]) ? body[name].filter(isObject) : [];

/** One message per line of ours that is named; lines that we did not send are none. */
export const namedLines = (problems: readonly JsonObject[], document: PostingDocument): RejectedLine[] => {
  const keys = new Set(document.lines.map((line) => line.postingKey));
  const messages = new Map<string, string[]>();
  for (const problem of problems) {
    const key = optionalText(problem, 'lineRef');
    if (key !== undefined && keys.has(key))
      messages.set(key, [...(messages.get(key) ?? []), optionalText(problem, 'message') ?? 'invalid']);
  }
  return [...messages].map(([postingKey, all]) => ({ postingKey, message: all.join('; ') }));
};

export const toRejection = (error: JsonObject, document: PostingDocument): Rejection => {
  const code = optionalText(error, 'code') ?? 'no error code';
  return {
    kind: 'rejected',
    cause: code === 'PERIOD_CLOSED' ? 'period-closed' : code === 'LINES_INVALID' ? 'invalid-line' : 'other',
    message: `${code}: ${optionalText(error, 'message') ?? 'no message'}`,
    lines: namedLines(listAt(error, 'lines'), document),
  };
};

export const toPosted = (body: JsonObject, externalId: string, document: PostingDocument): PostOutcome => {
  const refused = namedLines(listAt(body, 'results'), document);
  return { kind: 'posted', externalId, ...(refused.length > 0 && { refused }) };
};

/** 200, and every line failed. Lines that are only locked are as good as before: nothing was done, try again. */
const ofAllFailed = (body: JsonObject, document: PostingDocument): Rejection | undefined => {
  const results = listAt(body, 'results');
  const lines = namedLines(results, document);
  if (lines.length < document.lines.length) return undefined;
  if (results.every((result) => result['code'] === 'LOCKED'))
    throw new Fault('Unavailable', 'every line was refused because the ledger is locked; nothing was booked');
  return { kind: 'rejected', cause: 'invalid-line', message: 'the ERP refused every line', lines };
};

/** An error that says "done already" and where: `Location: /journals/17` or `/tickets/T17`. */
const ofReplay = (answer: HttpAnswer): PostOutcome | undefined => {
  const [, place, id] = /\/(journals|tickets)\/([^/?]+)$/.exec(answer.headers.get('location') ?? '') ?? [];
  if (id === undefined) return undefined;
  return place === 'tickets' ? { kind: 'accepted', ticket: id } : { kind: 'posted', externalId: id };
};

const ofError = (answer: HttpAnswer, body: JsonObject, document: PostingDocument, what: string): PostOutcome => {
  const error = isObject(body['error']) ? body['error'] : {};
  const code = optionalText(error, 'code');
  const journalNo = optionalText(error, 'journalNo');
  if (code === 'ALREADY_POSTED' && journalNo !== undefined) return { kind: 'posted', externalId: journalNo };
  if (code === 'IDEMPOTENCY_ERROR') {
    const done = ofReplay(answer);
    if (done) return done;
    throw new Fault('OutcomeUnknown', `${what}: processed already, but the answer does not say where`);
  }
  // The key stands for other content: something is booked that this document is not. No rejection, or it would be sent anew.
  if (answer.status === 409)
    throw new Fault('ContractBroken', `document ${document.documentKey}: its key was used for another content`);
  // Too large for something in between: the halves may pass. Any other page without a code is not the ERP speaking.
  if (code === undefined && answer.status === 413) return toRejection({ code: '413', message: 'too large' }, document);
  if (code === undefined || code === 'NOT_OFFERED')
    throw new Fault('ContractBroken', `${what}: ${answer.status} ${code ?? 'without an error code'}`);
  return toRejection(error, document);
};

/** What the answer to a write means. @throws Fault OutcomeUnknown, Unavailable, ContractBroken */
export const readAnswer = (answer: HttpAnswer, document: PostingDocument, what: string): PostOutcome => {
  const body = bodyOf(answer);
  if (answer.status >= 400) return ofError(answer, body, document, what);
  const [ticket, externalId] = [optionalText(body, 'ticket'), optionalText(body, 'journalNo')];
  if (answer.status === 202 && ticket !== undefined) return { kind: 'accepted', ticket };
  const failed = isObject(body['error']);
  if (externalId !== undefined && !failed) return toPosted(body, externalId, document);
  const rejection = failed ? undefined : ofAllFailed(body, document);
  if (rejection) return rejection;
  // 200 with an error in it, or 201 without a number: no proof of anything.
  const code = failed ? optionalText(body['error'] as JsonObject, 'code') : undefined;
  throw new Fault('OutcomeUnknown', `${what}: ${answer.status} without a journal number (${code ?? 'no error code'})`);
};

import { setTimeout as delay } from 'node:timers/promises';
import { sameDecimal } from '@tieout/model';
import { expect } from 'vitest';
import type {
  BookedDocument,
  DraftOutcome,
  PostingCapabilities,
  PostingDocument,
  PostingLine,
  PostingTarget,
  PostOutcome,
  Rejection,
} from '../posting-target.js';

/** How long the vendor may take, by its own word, until what it took is booked and shows; and a second for a slow machine. */
export const patienceMs = ({ settleMs, readLagMs }: PostingCapabilities): number => settleMs + readLagMs + 1_000;
const POLL_MS = 50;

/** The exchange after which the vendor holds something. */
export const firstWrite = (target: PostingTarget, document: PostingDocument): Promise<PostOutcome | DraftOutcome> =>
  target.post ? target.post(document) : target.createDraft!(document);

/** Asks a destination that answers later until it knows. */
export const settled = async (
  target: PostingTarget,
  document: PostingDocument,
  outcome: PostOutcome,
  patience: number,
): Promise<Exclude<PostOutcome, { kind: 'accepted' }>> => {
  const deadline = Date.now() + patience;
  for (let known = outcome; ; known = await target.outcomeOf!(known.ticket, document)) {
    if (known.kind !== 'accepted') return known;
    if (Date.now() > deadline) throw new Error(`ticket ${known.ticket} is still queued after ${patience} ms`);
    await delay(POLL_MS);
  }
};

/** The destination's own protocol, from an unsent document to a booked one. */
export const book = async (
  target: PostingTarget,
  document: PostingDocument,
  patience: number,
): Promise<Exclude<PostOutcome, { kind: 'accepted' }>> => {
  const first = await firstWrite(target, document);
  const answer: PostOutcome = first.kind === 'drafted' ? await target.postDraft!(first.draftId, document) : first;
  return settled(target, document, answer, patience);
};

/** @returns the destination's number of a document that must be booked as a whole. */
export const postedId = (outcome: PostOutcome): string => {
  if (outcome.kind !== 'posted') throw new Error(`expected posted, got ${outcome.kind}: ${(outcome as Rejection).message}`);
  expect(outcome.refused ?? []).toEqual([]);
  return outcome.externalId;
};

const figures = (line: Pick<PostingLine, 'hours' | 'amount'>): string => `${line.hours} h, ${line.amount}`;
const same = (a: Pick<PostingLine, 'hours' | 'amount'>, b: Pick<PostingLine, 'hours' | 'amount'>): boolean =>
  sameDecimal(a.hours, b.hours) && sameDecimal(a.amount, b.amount);

export const expectBooked = (booked: BookedDocument | undefined, document: PostingDocument): void => {
  expect(booked?.state).toBe('posted');
  expect(booked?.postingPeriod).toBe(document.postingPeriod);
  expect(booked?.lines.map((line) => line.postingKey).sort()).toEqual(document.lines.map((line) => line.postingKey).sort());
  for (const line of document.lines) {
    const found = booked!.lines.find((other) => other.postingKey === line.postingKey)!;
    expect(same(found, line), `booked ${figures(found)}, sent ${figures(line)}`).toBe(true);
  }
};

/** What a destination may keep of a line besides its key and figures. */
const KEPT = [
  'entryId',
  'releaseNo',
  'leg',
  'kind',
  'reverses',
  'workerCode',
  'projectCode',
  'taskCode',
  'costCentre',
  'workDate',
  'account',
  'balancingAccount',
] as const satisfies readonly (keyof PostingLine)[];

/** Every line as it was sent. A field that the destination does not keep is absent; it never says something else. */
export const expectKept = (booked: BookedDocument, document: PostingDocument, keepsMembers: boolean): void => {
  expectBooked(booked, document);
  for (const line of document.lines) {
    const found = booked.lines.find((other) => other.postingKey === line.postingKey)!;
    const said = KEPT.filter((field) => found[field] !== undefined);
    expect(Object.fromEntries(said.map((field) => [field, found[field]]))).toEqual(
      Object.fromEntries(said.map((field) => [field, line[field]])),
    );
    if (found.members === undefined && !keepsMembers) continue;
    expect(found.members?.map(({ postingKey, entryId, releaseNo }) => ({ postingKey, entryId, releaseNo }))).toEqual(
      line.members?.map(({ postingKey, entryId, releaseNo }) => ({ postingKey, entryId, releaseNo })),
    );
    for (const [n, member] of (line.members ?? []).entries()) expect(same(found.members![n]!, member)).toBe(true);
  }
};

import type { PostingCapabilities, PostingDocument, PostingTarget, PostOutcome } from '@tieout/connector-kit';
import { Fault } from '@tieout/model';
import type { Interruptible } from '../interruptible.js';
import type { Random } from '../random.js';
import type { DestinationScript, WriteFault } from '../script.js';
import { short, type Trace } from '../trace.js';
import type { VirtualTime } from '../virtual-time.js';
import type { DestinationServer } from './server.js';

/** How long a message travels at most. */
const TRAVEL_MS = 40;
/** Shorter than the shortest request time-out. */
const LONGEST_WORK_MS = 400;

/** What a connector would say of such a destination. */
export const capabilitiesOf = (script: DestinationScript): PostingCapabilities => ({
  protocol: script.protocol,
  maxLinesPerDocument: script.maxLines,
  partialAcceptance: script.partial,
  requestTimeoutMs: script.requestTimeoutMs,
  // What took effect late must also have become visible.
  settleMs: script.lateMs + script.readLagMs,
  readLagMs: script.readLagMs,
  maxConcurrency: script.slots,
  ...(script.answersLater && { answersLater: true }),
});

interface Wire {
  readonly process: Interruptible;
  readonly server: DestinationServer;
  readonly time: VirtualTime;
  readonly random: Random;
  readonly trace: Trace;
}

/** The way from one process to one destination, with all that can happen on it. */
export const targetOf = (wire: Wire): PostingTarget => {
  const { server } = wire;
  const { protocol } = server.script;
  const drafts = protocol === 'draft-then-post';
  return {
    verifyAccess: async () => undefined,
    ...(!drafts && {
      post: (document) =>
        write(
          wire,
          'post',
          (beyondUs): PostOutcome => server.post(document, beyondUs),
          (): PostOutcome => nowhere,
        ),
    }),
    ...(drafts && {
      createDraft: (document: PostingDocument) =>
        write(wire, `create draft ${short(document.documentKey)}`, () => server.createDraft(document)),
      postDraft: (draftId: string, document: PostingDocument) =>
        write(
          wire,
          `post draft ${draftId}`,
          () => server.postDraft(draftId, document),
          (): PostOutcome => ({ kind: 'posted', externalId: draftId }),
        ),
      discardDraft: (draftId: string) => write(wire, `discard draft ${draftId}`, () => server.discardDraft(draftId)),
    }),
    ...(protocol !== 'none' && { findByReference: (key: string) => read(wire, `look up ${short(key)}`, () => server.find(key)) }),
    ...(server.script.answersLater && {
      outcomeOf: (ticket: string) => read(wire, `outcome of ${ticket}`, () => server.outcomeOf(ticket)),
    }),
    readBack: (externalIds) => read(wire, `read back ${externalIds.join(', ')}`, () => server.read(externalIds)),
  };
};

const nowhere = { kind: 'posted', externalId: 'X-0' } as const;

/** @param phantom an answer that looks well although nothing was written, where such a thing can be. */
const write = async <T>(wire: Wire, what: string, effect: (beyondUs: boolean) => T, phantom?: () => T): Promise<T> => {
  const { process, server, time, random, trace } = wire;
  const { requestTimeoutMs, lateMs } = server.script;
  const calledMs = time.nowMs;
  await process.reach('leave', 0);
  const slept = time.nowMs > calledMs;
  const outage = server.outage();
  const fault: WriteFault | undefined =
    outage === undefined ? server.nextWriteFault() : outage === 'silent' ? 'request-lost' : 'refused';
  const happens = fault === undefined || (fault === 'nothing-written' && phantom === undefined) ? undefined : fault;
  if (happens !== undefined) trace.note(server.script.id, `${what} by ${process.name}: ${happens}`);
  const arriveMs = random.int(1, TRAVEL_MS);
  const workMs = random.int(5, LONGEST_WORK_MS);
  trace.note(process.name, `asks ${server.script.id}: ${what}${slept ? ', after it slept' : ''}`);
  const request = { owner: process };
  const answer = new Promise<T>((resolve, reject) => {
    const back = (give: () => void): void => process.later(random.int(1, TRAVEL_MS), () => process.pass('answer', give));
    const done = (after: () => void): void => {
      server.leave(request);
      after();
    };
    const failed = (fault: Fault): void => done(() => back(() => reject(fault)));
    const at = (delayMs: number, run: () => void): void => void time.after(delayMs, run);
    const unanswered = (): void => at(Math.max(0, requestTimeoutMs - arriveMs), () => server.leave(request));
    const arrive = (): void => {
      server.enter(request, !slept);
      at(workMs, () => finish());
    };
    const finish = (): void => {
      switch (happens) {
        case 'answer-lost':
          effect(slept);
          return done(() => undefined);
        case 'twice':
          effect(slept);
          if (what.startsWith('post ') && phantom !== undefined) at(random.int(0, 600), () => void effect(true));
          return done(() => undefined);
        case 'cut-before-effect':
          return failed(new Fault('OutcomeUnknown', 'the connection was cut'));
        case 'cut-after-effect':
          effect(slept);
          return failed(new Fault('OutcomeUnknown', 'the connection was cut'));
        case 'garbled-answer':
          effect(slept);
          return failed(new Fault('ContractBroken', 'the answer cannot be read'));
        case 'throttled':
          return failed(new Fault('RateLimited', 'too many requests', { retryAfterMs: random.int(200, 3_000) }));
        case 'refused':
          return failed(new Fault('Unavailable', 'it is down'));
        case 'credentials-rejected':
          return failed(new Fault('CredentialsRejected', 'the token is not valid'));
        case 'nothing-written':
          return done(() => back(() => resolve(phantom!())));
        default: {
          const outcome = effect(slept);
          return done(() => back(() => resolve(outcome)));
        }
      }
    };
    if (happens === 'request-lost') return;
    if (happens !== 'late-effect') return at(arriveMs, arrive);
    at(arriveMs, () => {
      server.enter(request, !slept);
      unanswered();
    });
    at(requestTimeoutMs + random.int(0, lateMs), () => void effect(slept));
  });
  process.point('left');
  return answer;
};

const read = async <T>(wire: Wire, what: string, look: () => T): Promise<T> => {
  const { process, server, time, random, trace } = wire;
  const calledMs = time.nowMs;
  await process.reach('leave', 0);
  const slept = time.nowMs > calledMs;
  const outage = server.outage();
  const fault = outage === undefined ? server.nextReadFault() : outage === 'silent' ? 'answer-lost' : 'refused';
  if (fault !== undefined) trace.note(server.script.id, `${what} by ${process.name}: ${fault}`);
  trace.note(process.name, `asks ${server.script.id}: ${what}${slept ? ', after it slept' : ''}`);
  const request = { owner: process };
  return new Promise<T>((resolve, reject) => {
    time.after(random.int(1, TRAVEL_MS), () => {
      server.enter(request, !slept);
      time.after(random.int(1, LONGEST_WORK_MS / 4), () => {
        const shown = look();
        server.leave(request);
        if (fault === 'answer-lost') return;
        const give = fault === 'refused' ? () => reject(new Fault('Unavailable', 'it is down')) : () => resolve(shown);
        process.later(random.int(1, TRAVEL_MS), () => process.pass('answer', give));
      });
    });
  });
};

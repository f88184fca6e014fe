import type { PostingCapabilities, PostingTarget, PostOutcome } from '@tieout/connector-kit';
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
/** A gateway that repeats a request does it soon. */
const REPEAT_MS = 600;

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
        write<PostOutcome>(wire, {
          what: `post ${short(document.documentKey)}`,
          effect: (beyondUs) => server.post(document, beyondUs),
          phantom: () => ({ kind: 'posted', externalId: 'X-0' }),
          repeatable: true,
        }),
    }),
    ...(drafts && draftsOf(wire)),
    ...(protocol !== 'none' && { findByReference: (key: string) => read(wire, `look up ${short(key)}`, () => server.find(key)) }),
    ...(server.script.answersLater && {
      outcomeOf: (ticket: string) => read(wire, `outcome of ${ticket}`, () => server.outcomeOf(ticket)),
    }),
    readBack: (externalIds) => read(wire, `read back ${externalIds.join(', ')}`, () => server.read(externalIds)),
  };
};

const draftsOf = (wire: Wire): Pick<PostingTarget, 'createDraft' | 'postDraft' | 'discardDraft'> => {
  const { server } = wire;
  return {
    createDraft: (document) =>
      write(wire, { what: `create draft ${short(document.documentKey)}`, effect: () => server.createDraft(document) }),
    postDraft: (draftId, document) =>
      write<PostOutcome>(wire, {
        what: `post draft ${draftId}`,
        effect: () => server.postDraft(draftId, document),
        phantom: () => ({ kind: 'posted', externalId: draftId }),
      }),
    discardDraft: (draftId) => write(wire, { what: `discard draft ${draftId}`, effect: () => server.discardDraft(draftId) }),
  };
};

interface Writing<T> {
  readonly what: string;
  readonly effect: (beyondUs: boolean) => T;
  /** An answer that looks well although nothing was written, where such a thing can be. */
  readonly phantom?: () => T;
  /** A gateway may send it on twice. */
  readonly repeatable?: boolean;
}

/** Leaves the process, if it gets so far. @returns whether it slept on the way: then the budget and the lease know nothing of it */
const depart = async ({ process, time }: Wire): Promise<boolean> => {
  const calledMs = time.nowMs;
  await process.reach('leave', 0);
  return time.nowMs > calledMs;
};

const write = async <T>(wire: Wire, writing: Writing<T>): Promise<T> => {
  const { process, server, trace } = wire;
  const slept = await depart(wire);
  const outage = server.outage();
  const drawn = outage === undefined ? server.nextWriteFault() : outage === 'silent' ? 'request-lost' : 'refused';
  const fault = drawn === 'nothing-written' && writing.phantom === undefined ? undefined : drawn;
  trace.note(process.name, `asks ${server.script.id}: ${writing.what}${slept ? ', after it slept' : ''}`);
  if (fault !== undefined) trace.note(server.script.id, `${writing.what} by ${process.name}: ${fault}`);
  const answer = new Promise<T>((resolve, reject) => carry(wire, { ...writing, fault, slept, resolve, reject }));
  process.point('left');
  return answer;
};

interface Carried<T> extends Writing<T> {
  readonly fault: WriteFault | undefined;
  readonly slept: boolean;
  readonly resolve: (answer: T) => void;
  readonly reject: (fault: Fault) => void;
}

/** The faults that end a request with an error, and what the connector makes of each. */
const ERRORS: Partial<Record<WriteFault, (random: Random) => Fault>> = {
  'cut-before-effect': () => new Fault('OutcomeUnknown', 'the connection was cut'),
  'cut-after-effect': () => new Fault('OutcomeUnknown', 'the connection was cut'),
  'garbled-answer': () => new Fault('ContractBroken', 'the answer cannot be read'),
  throttled: (random) => new Fault('RateLimited', 'too many requests', { retryAfterMs: random.int(200, 3_000) }),
  refused: () => new Fault('Unavailable', 'it is down'),
  'credentials-rejected': () => new Fault('CredentialsRejected', 'the token is not valid'),
};
const WITHOUT_EFFECT = new Set<WriteFault>([
  'cut-before-effect',
  'throttled',
  'refused',
  'credentials-rejected',
  'nothing-written',
]);
const UNANSWERED = new Set<WriteFault>(['answer-lost', 'twice']);

const carry = <T>(wire: Wire, carried: Carried<T>): void => {
  const { process, server, time, random } = wire;
  const { fault, slept, effect, resolve, reject } = carried;
  const { requestTimeoutMs, lateMs } = server.script;
  if (fault === 'request-lost') return;
  const request = { owner: process };
  const back = (give: () => void): void => process.later(random.int(1, TRAVEL_MS), () => process.pass('answer', give));
  const finish = (): void => {
    const outcome = fault !== undefined && WITHOUT_EFFECT.has(fault) ? undefined : effect(slept);
    if (fault === 'twice' && carried.repeatable) time.after(random.int(0, REPEAT_MS), () => void effect(true));
    server.leave(request);
    if (fault !== undefined && UNANSWERED.has(fault)) return;
    const error = fault && ERRORS[fault]?.(random);
    if (error !== undefined) back(() => reject(error));
    else if (fault === 'nothing-written') back(() => resolve(carried.phantom!()));
    else back(() => resolve(outcome as T));
  };
  const arriveMs = random.int(1, TRAVEL_MS);
  time.after(arriveMs, () => {
    server.enter(request, !slept && process.alive);
    if (fault !== 'late-effect') return time.after(random.int(5, LONGEST_WORK_MS), finish);
    // The client hangs up; the destination goes on.
    time.after(requestTimeoutMs - arriveMs, () => server.leave(request));
    return time.after(requestTimeoutMs - arriveMs + random.int(0, lateMs), () => void effect(slept));
  });
};

const read = async <T>(wire: Wire, what: string, look: () => T): Promise<T> => {
  const { process, server, time, random, trace } = wire;
  const slept = await depart(wire);
  const outage = server.outage();
  const fault = outage === undefined ? server.nextReadFault() : outage === 'silent' ? 'answer-lost' : 'refused';
  trace.note(process.name, `asks ${server.script.id}: ${what}${slept ? ', after it slept' : ''}`);
  if (fault !== undefined) trace.note(server.script.id, `${what} by ${process.name}: ${fault}`);
  const request = { owner: process };
  return new Promise<T>((resolve, reject) => {
    time.after(random.int(1, TRAVEL_MS), () => {
      server.enter(request, !slept && process.alive);
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

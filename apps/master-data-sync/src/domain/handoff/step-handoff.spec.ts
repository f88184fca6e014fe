import type { NewProject } from '@tieout/connector-kit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  conditionOf,
  HANDOFF_STATES,
  maySendAt,
  maybeThere,
  nextSystem,
  STUCK_AFTER,
  type Handoff,
  type HandoffState,
} from './handoff.js';
import { beginHandoff, HANDOFF_TRANSITIONS, stepHandoff, type HandoffEvent, type HandoffEventKind } from './step-handoff.js';

const project: NewProject = { code: 'P-1', name: 'One', legalEntityId: 'DE01', billable: false, activeFrom: '2026-12-01' };
const places = [
  { connection: 'psa', readBack: true },
  { connection: 'erp', readBack: true },
];
const at = '2026-11-23T09:00:00.000Z';
const opportunity = { opportunityId: 'o1', opportunityCode: 'D-1', legalEntityId: 'DE01' };
const failed = [{ check: 'client', why: 'missing' }] as const;

const complete: HandoffEvent = { kind: 'complete', project, places };
const incomplete: HandoffEvent = { kind: 'incomplete', failed };
const unwon: HandoffEvent = { kind: 'no-longer-won' };
const sent = (connection: string): HandoffEvent => ({ kind: 'sent', connection, at });
const there = (connection: string): HandoffEvent => ({ kind: 'there', connection, externalId: `${connection}-7`, at });
const refused = (connection: string): HandoffEvent => ({ kind: 'refused', connection, reasons: ['no such client'] });
const unknown = (connection: string): HandoffEvent => ({ kind: 'unknown', connection, why: 'no answer' });
const notDone = (connection: string): HandoffEvent => ({ kind: 'not-done', connection, why: 'away', notBefore: at });
const seen = (...connections: string[]): HandoffEvent => ({
  kind: 'seen',
  references: connections.map((connection) => ({ connection, externalId: `${connection}-7` })),
});
const overdue: HandoffEvent = { kind: 'overdue' };
const retry: HandoffEvent = { kind: 'retry' };

const after = (...events: HandoffEvent[]): Handoff =>
  events.reduce(stepHandoff, beginHandoff(opportunity, incomplete as Extract<HandoffEvent, { kind: 'incomplete' }>));
const made = [complete, sent('psa'), there('psa')];
const madeBoth = [...made, sent('erp'), there('erp')];

/** One handoff of each kind that differs in what it may do. */
const HANDOFFS = {
  incomplete: after(),
  'creating, nothing sent': after(complete),
  'creating, one on its way': after(complete, sent('psa')),
  'creating, one unknown': after(complete, sent('psa'), unknown('psa')),
  'creating, one there': after(...made),
  confirming: after(...madeBoth),
  done: after(...madeBoth, seen('psa', 'erp')),
  stopped: after(complete, unwon),
  'failed, nothing stands': after(complete, sent('psa'), refused('psa')),
  'failed, one there': after(...made, sent('erp'), refused('erp')),
  withdrawn: after(...made, unwon),
  'withdrawn, one on its way': after(complete, sent('psa'), unwon),
} as const;
type Name = keyof typeof HANDOFFS;

const EVENTS: Readonly<Record<HandoffEventKind, HandoffEvent>> = {
  complete,
  incomplete,
  'no-longer-won': unwon,
  sent: sent('psa'),
  there: there('psa'),
  refused: refused('psa'),
  unknown: unknown('psa'),
  'not-done': notDone('psa'),
  seen: seen('psa', 'erp'),
  overdue,
  retry,
};

/** Every state and event; a dash: nothing changes. */
const TABLE: Readonly<Record<Name, Readonly<Partial<Record<HandoffEventKind, HandoffState>>>>> = {
  incomplete: { complete: 'creating', incomplete: 'incomplete', 'no-longer-won': 'stopped' },
  'creating, nothing sent': { incomplete: 'incomplete', 'no-longer-won': 'stopped', sent: 'creating', retry: 'creating' },
  'creating, one on its way': {
    'no-longer-won': 'withdrawn',
    sent: 'creating',
    there: 'creating',
    refused: 'failed',
    unknown: 'creating',
    'not-done': 'creating',
    retry: 'creating',
  },
  'creating, one unknown': {
    'no-longer-won': 'withdrawn',
    sent: 'creating',
    there: 'creating',
    refused: 'failed',
    unknown: 'creating',
    'not-done': 'creating',
    retry: 'creating',
  },
  'creating, one there': { 'no-longer-won': 'withdrawn', retry: 'creating' },
  confirming: { 'no-longer-won': 'withdrawn', seen: 'done', overdue: 'creating' },
  done: { 'no-longer-won': 'withdrawn' },
  stopped: { complete: 'creating', incomplete: 'incomplete' },
  'failed, nothing stands': { incomplete: 'incomplete', 'no-longer-won': 'stopped', retry: 'creating' },
  'failed, one there': { 'no-longer-won': 'withdrawn', retry: 'creating' },
  withdrawn: { complete: 'creating' },
  'withdrawn, one on its way': {
    complete: 'creating',
    there: 'withdrawn',
    refused: 'stopped',
    unknown: 'withdrawn',
    'not-done': 'stopped',
  },
};
const CASES = (Object.keys(TABLE) as Name[]).flatMap((name) =>
  (Object.keys(EVENTS) as HandoffEventKind[]).map((kind) => [name, kind, TABLE[name][kind]] as const),
);

describe('every state and every event', () => {
  it.each(CASES)('%s, %s: %s', (name, kind, expected) => {
    const before = HANDOFFS[name];
    const step = stepHandoff(before, EVENTS[kind]);
    expect(step.state).toBe(expected ?? before.state);
    if (expected === undefined) expect(step).toBe(before);
    else expect(HANDOFF_TRANSITIONS[before.state][kind as never] as readonly string[]).toContain(expected);
  });
  it('knows every state', () => {
    expect([...new Set(Object.values(HANDOFFS).map(({ state }) => state))].sort()).toEqual([...HANDOFF_STATES].sort());
  });
});

describe('stepHandoff', () => {
  it('goes through the systems one after the other, and is done when every one shows it', () => {
    expect(nextSystem(HANDOFFS['creating, nothing sent'])?.connection).toBe('psa');
    expect(nextSystem(HANDOFFS['creating, one there'])?.connection).toBe('erp');
    expect(nextSystem(HANDOFFS.confirming)).toBe(undefined);
    const confirming = HANDOFFS.confirming;
    expect(stepHandoff(confirming, seen('psa'))).toBe(confirming);
    // Somebody else's project under our code is not ours.
    expect(stepHandoff(confirming, { kind: 'seen', references: [{ connection: 'psa', externalId: 'x' }] })).toBe(confirming);
  });

  it('does not wait for a system whose projects nobody reads', () => {
    const blind = after(
      { ...complete, places: [places[0]!, { connection: 'erp', readBack: false }] },
      sent('psa'),
      there('psa'),
      sent('erp'),
      there('erp'),
    );
    expect(stepHandoff(blind, seen('psa')).state).toBe('done');
    expect(stepHandoff(blind, overdue).systems.map(({ state }) => state)).toEqual(['sent', 'there']);
  });

  it('freezes what is made once something was sent', () => {
    const other: HandoffEvent = { kind: 'complete', project: { ...project, name: 'Two' }, places };
    expect(stepHandoff(HANDOFFS['creating, nothing sent'], other).project?.name).toBe('Two');
    for (const name of ['creating, one on its way', 'creating, one there', 'confirming', 'done', 'failed, one there'] as const)
      expect(stepHandoff(HANDOFFS[name], other).project?.name).toBe('One');
    const again = stepHandoff(HANDOFFS['failed, nothing stands'], other);
    expect([again.state, again.project?.name, again.systems[0]?.state]).toEqual(['creating', 'Two', 'pending']);
  });

  it('a "nothing was done" after an unknown outcome does not say that nothing stands', () => {
    const looked = after(complete, sent('psa'), unknown('psa'), sent('psa'), notDone('psa'));
    expect(looked.systems[0]).toMatchObject({ state: 'sent', uncertain: true, attempts: 2 });
    expect(stepHandoff(looked, unwon).state).toBe('withdrawn');
    expect(stepHandoff(after(complete, sent('psa'), notDone('psa')), unwon).state).toBe('stopped');
    // The same after a crash between sending and the answer.
    expect(after(complete, sent('psa'), sent('psa'), notDone('psa')).systems[0]).toMatchObject({ state: 'sent' });
  });

  it('asks again where a yes does not show, and where it was won again', () => {
    for (const asked of [stepHandoff(HANDOFFS.confirming, overdue), stepHandoff(HANDOFFS.withdrawn, complete)])
      expect(asked.systems[0]).toMatchObject({ state: 'sent', uncertain: true });
    expect(stepHandoff(HANDOFFS.confirming, overdue).systems[0]!.attempts).toBe(1);
  });
});

describe('maySendAt', () => {
  const capabilities = { deadlineMs: 30_000, settleMs: 1_000, readLagMs: 500 };
  it.each([
    ['at once at first', { state: 'pending' }, undefined],
    ['after a wait that was asked for', { state: 'pending', notBefore: at }, at],
    ['once an earlier request is over', { state: 'sent', sentAt: at }, '2026-11-23T09:00:31.500Z'],
    ['the later of both', { state: 'sent', sentAt: at, notBefore: '2026-11-23T10:00:00.000Z' }, '2026-11-23T10:00:00.000Z'],
    ['at once where it was there before', { state: 'sent', uncertain: true }, undefined],
  ] as const)('%s', (_what, system, expected) => {
    expect(maySendAt({ connection: 'psa', readBack: true, attempts: 0, ...system }, capabilities)).toBe(expected);
  });
});

describe('conditionOf', () => {
  it.each([
    ['incomplete', 'HANDOFF_INCOMPLETE', 'D-1: client: missing'],
    ['creating, one on its way', undefined, undefined],
    ['confirming', undefined, undefined],
    ['done', undefined, undefined],
    ['stopped', undefined, undefined],
    ['failed, one there', 'HANDOFF_FAILED', 'D-1: erp refused the project: no such client'],
    ['withdrawn', 'HANDOFF_FAILED', 'D-1 is no longer won, but its project P-1 stands in psa'],
    ['withdrawn, one on its way', 'HANDOFF_FAILED', 'D-1 is no longer won, but its project P-1 stands in perhaps psa'],
  ] as const)('%s: %s', (name, reason, detail) => {
    const condition = conditionOf(HANDOFFS[name]);
    expect([condition?.reason, condition?.detail]).toEqual([reason, detail]);
  });
  it('tells a person of a system that does not say yes, and takes it back', () => {
    const times = (n: number) => Array.from({ length: n }, () => [sent('psa'), unknown('psa')]).flat();
    expect(conditionOf(after(complete, ...times(STUCK_AFTER - 1)))).toBe(undefined);
    const stuck = after(complete, ...times(STUCK_AFTER));
    expect(conditionOf(stuck)?.detail).toBe(`D-1: psa, ${STUCK_AFTER} times: no answer`);
    expect(conditionOf(stepHandoff(stuck, sent('psa')))?.reason).toBe('HANDOFF_FAILED');
    expect(conditionOf([sent('psa'), there('psa')].reduce(stepHandoff, stuck))).toBe(undefined);
  });
});

describe('whatever happens in whatever order', () => {
  const events = fc.constantFrom<HandoffEvent>(
    ...Object.values(EVENTS),
    ...['erp'].flatMap((c) => [sent(c), there(c), refused(c), unknown(c), notDone(c)]),
    { ...complete, project: { ...project, name: 'Two' } },
    seen('psa'),
  );
  it('the project never changes while it may stand somewhere, and nothing that may stand is forgotten', () => {
    fc.assert(
      fc.property(fc.array(events, { maxLength: 40 }), (list) => {
        let handoff = after();
        for (const event of list) {
          const next = stepHandoff(handoff, event);
          for (const system of maybeThere(handoff)) {
            expect(next.project).toEqual(handoff.project);
            // Only an answer about this very system may say that it does not stand there.
            const about = 'connection' in event && event.connection === system.connection;
            if (!about) expect(maybeThere(next).map(({ connection }) => connection)).toContain(system.connection);
          }
          if (['stopped', 'incomplete'].includes(next.state)) expect(maybeThere(next)).toEqual([]);
          if (next.state === 'done') expect(next.systems.every(({ state }) => state === 'there')).toBe(true);
          handoff = next;
        }
      }),
    );
  });
});

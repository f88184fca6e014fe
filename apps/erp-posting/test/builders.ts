import { randomUUID } from 'node:crypto';
import { systemClock } from '@tieout/clock';
import { EVENT_TYPES, type Context, type MasterObjectChangedV1 } from '@tieout/contracts';
import type { IncomingRelease } from '@tieout/delivery';
import type { ReceivedEvent } from '@tieout/messaging';
import { entryIdOf, masterIdOf, periodCode, type MasterKind, type ReleasedContent } from '@tieout/model';

export const entry = (n: number): string => entryIdOf('psa', `T-${n}`);

export const content = (over: Partial<ReleasedContent> & { amount?: string } = {}): ReleasedContent => {
  const { amount = '400', ...rest } = over;
  return {
    workerId: masterIdOf('worker', 'E1'),
    workerCode: 'E1',
    workerType: 'employee',
    legalEntityId: 'US01',
    projectId: masterIdOf('project', 'P1'),
    projectCode: 'P1',
    workDate: '2026-11-03',
    hours: '8',
    billable: true,
    cost: { amount, currency: 'USD', rateId: 'R1', rate: '50' },
    routes: ['erp'],
    ...rest,
  };
};

/** Content of so many hours, at 50 each. */
export const hours = (value: string, more: object = {}): ReleasedContent =>
  content({ hours: value, amount: String(Number(value) * 50), ...more });

const received = <T>(type: ReceivedEvent['type'], producer: Context, body: T): ReceivedEvent<T> => ({
  eventId: randomUUID(),
  type,
  subject: `evt.${type}.US01`,
  producer,
  time: systemClock.now(),
  bucket: 1,
  traceparent: undefined,
  body,
  deliveryCount: 1,
  streamSequence: 1,
});

const changed = (
  kind: MasterKind,
  code: string,
  { legalEntityId, revision }: { legalEntityId: string; revision: number },
  attributes: Record<string, string>,
): ReceivedEvent<MasterObjectChangedV1> =>
  received(EVENT_TYPES.masterChanged, 'master', {
    kind,
    id: masterIdOf(kind, code),
    code,
    revision,
    legalEntityId,
    timeline: [{ validFrom: '0001-01-01', attributes: { code, ...attributes } }],
    crossReferences: [],
    attributeSources: {},
    ambiguous: false,
  });

export const periodChanged = (legalEntity: string, period: string, state: 'open' | 'closing' | 'closed', revision: number) =>
  changed(
    'accounting-period',
    periodCode(legalEntity, period),
    { legalEntityId: legalEntity, revision },
    {
      legalEntity,
      startDate: `${period}-01`,
      endDate: `${period}-${period.endsWith('11') ? 30 : 31}`,
      state,
    },
  );

export const legalEntityChanged = (code: string) => changed('legal-entity', code, { legalEntityId: code, revision: 1 }, {});

/** A release or, without content, a withdrawal, as the consumer hands it over. */
export type Told = readonly [n: number, releaseNo: number, content: ReleasedContent | null, traceparent?: string];
export const release = ([n, releaseNo, what, traceparent]: Told): IncomingRelease => ({
  event: { ...received(what === null ? EVENT_TYPES.entryWithdrawn : EVENT_TYPES.entryReleased, 'time', {}), traceparent },
  entryId: entry(n),
  releaseNo,
  legalEntityId: 'US01',
  content: what,
});

export const hoursOf = (lines: readonly { readonly hours: string }[]): number =>
  lines.reduce((sum, line) => sum + Number(line.hours), 0);

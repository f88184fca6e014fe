import { randomUUID } from 'node:crypto';
import { EVENT_TYPES, type TimeEntryReleasedV1 } from '@tieout/contracts';
import type { NewEvent } from '@tieout/persistence';

export const COMPANY = 'DE01';
export const WORK_DATE = '2026-11-20';

/** A release as time-ingestion says it: some 900 bytes, everything resolved. */
const releasedBody = (n: number): TimeEntryReleasedV1 =>
  ({
    entryId: randomUUID(),
    decisionNo: 1,
    versionNo: 1,
    connection: 'psa',
    sourceId: `TS-${String(n).padStart(6, '0')}`,
    legalEntityId: COMPANY,
    policyDigest: 'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    decidedAt: '2026-11-23T09:12:00.000Z',
    releaseNo: 1,
    approvedAt: '2026-11-22T16:40:11Z',
    content: {
      workerId: '0b9f3c1e-6a52-5d0e-9a41-3f1c9a7b2e10',
      workerCode: `E${1000 + (n % 200)}`,
      workerType: 'employee',
      legalEntityId: COMPANY,
      projectId: '5d3a1f7c-2b48-5e6f-8c90-1a2b3c4d5e6f',
      projectCode: 'P-100',
      taskCode: 'P-100/build',
      costCentre: 'CC-40',
      payCode: 'REG',
      workDate: WORK_DATE,
      hours: '7.5',
      billable: true,
      cost: { amount: '450.00', currency: 'EUR', rateId: 'cost-rate:E1001:2026-01-01', rate: '60.00' },
      bill: { amount: '1012.50', currency: 'EUR', rateId: 'bill-rate:P-100:2026-01-01', rate: '135.00' },
      routes: ['erp'],
    },
  }) as TimeEntryReleasedV1;

export const releasedEvents = (count: number): NewEvent<typeof EVENT_TYPES.entryReleased>[] =>
  Array.from({ length: count }, (_, n) => ({ type: EVENT_TYPES.entryReleased, scope: [COMPANY], body: releasedBody(n) }));

export const BODY_BYTES = Buffer.byteLength(JSON.stringify(releasedBody(1)));

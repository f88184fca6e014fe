import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { COMPANY, WORK_DATE } from '../released-events.js';
import type { BenchErp } from './bench-erp.js';

export interface NaiveWork {
  readonly entries: number;
  readonly linesPerDocument: number;
  /** Requests at once. */
  readonly slots: number;
  /** Requests begun per second, evenly; absent: as fast as the slots allow. */
  readonly perSecond?: number;
}

/**
 * The script that anybody would write: entries in memory, `slots` loops, each posts the next document and waits for the answer. Nothing is
 * stored, looked up, read back or sent again.
 * @returns seconds
 */
export const postNaively = async ({ url, key }: BenchErp, work: NaiveWork): Promise<number> => {
  const entries = Array.from({ length: work.entries }, () => ({ id: randomUUID(), hours: '7.5', amount: '450.00' }));
  const began = performance.now();
  let next = 0;
  let documents = 0;
  const turn = async (): Promise<void> => {
    if (work.perSecond === undefined) return;
    await delay(Math.max(0, began + (documents++ * 1_000) / work.perSecond - performance.now()));
  };
  const loop = async (): Promise<void> => {
    while (next < entries.length) {
      const batch = entries.slice(next, (next += work.linesPerDocument));
      await turn();
      const response = await fetch(`${url}/journals`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify(journalOf(batch)),
      });
      if (response.status !== 201) throw new Error(`POST /journals: ${response.status} ${await response.text()}`);
      await response.json();
    }
  };
  await Promise.all(Array.from({ length: work.slots }, loop));
  return (performance.now() - began) / 1_000;
};

const journalOf = (batch: readonly { id: string; hours: string; amount: string }[]): unknown => ({
  reference: randomUUID(),
  company: COMPANY,
  period: WORK_DATE.slice(0, 7),
  journalDate: WORK_DATE,
  currency: 'EUR',
  lines: batch.map(({ id, hours, amount }) => ({
    lineRef: `naive ${id}`,
    account: '5100',
    offsetAccount: '2100',
    employee: 'E1001',
    project: 'P-100',
    task: 'P-100/build',
    costCenter: 'CC-40',
    serviceDate: WORK_DATE,
    quantity: hours,
    value: amount,
    text: `post ${id} release 1`,
  })),
});

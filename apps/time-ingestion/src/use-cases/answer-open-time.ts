import type { OpenTimeAnswerV1, OpenTimeV1 } from '@tieout/contracts';
import type { ServiceRuntime } from '@tieout/service-kit';
import { recordedTime, workersAfter } from '../adapters/postgres/open-time.store.js';
import { openTimeOf, type RecordedTime } from '../domain/open-time.js';
import { keysOf, masterViewFor, type MasterCode } from './master-view-for.js';

/** A worker has a few rows at most; so many stay far below the largest message that NATS takes. */
const WORKERS_PER_PAGE = 500;

/** Time that is recorded but not approved, and who recorded how much: what erp-posting accrues at close. */
export class AnswerOpenTime {
  constructor(private readonly runtime: ServiceRuntime) {}

  run({ legalEntityId, from, to, after }: OpenTimeV1): Promise<OpenTimeAnswerV1> {
    const policy = this.runtime.policy.current();
    return this.runtime.database.transaction(async (tx) => {
      const workers = await workersAfter(tx, legalEntityId, { after, limit: WORKERS_PER_PAGE });
      const byWorker = new Map<string, RecordedTime[]>();
      for (const entry of await recordedTime(
        tx,
        workers.map(({ code }) => code),
        { from, to },
      )) {
        const own = byWorker.get(entry.content.workerCode);
        if (own) own.push(entry);
        else byWorker.set(entry.content.workerCode, [entry]);
      }
      const view = await masterViewFor(tx, [
        ...workers.flatMap(({ code }): MasterCode[] => [
          { kind: 'worker', code },
          { kind: 'cost-rate', code },
        ]),
        ...keysOf([...byWorker.values()].flat().map(({ content }) => content)),
      ]);
      const answers = workers.flatMap((worker) => {
        const recorded = byWorker.get(worker.code) ?? [];
        return openTimeOf({ worker, legalEntityId, window: { from, to }, recorded }, view, policy) ?? [];
      });
      const last = workers.length === WORKERS_PER_PAGE ? workers.at(-1)?.code : undefined;
      return { workers: answers, ...(last !== undefined && { next: last }) };
    });
  }
}

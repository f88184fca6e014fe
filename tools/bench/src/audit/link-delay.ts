import { setTimeout as delay } from 'node:timers/promises';
import { appendAudit, auditHeads, Database } from '@tieout/persistence';

const EVERY_MS = 50;
const LOOK_MS = 5;
const ENTITY = 'PROBE';

/**
 * Writes a record now and then into the audit of a working feed, and sees how long after its commit it is linked.
 * @param before how many it has written there before */
export const probeLinkDelay = (url: string, before: number): { stop(): Promise<readonly number[]> } => {
  const database = new Database({ url, poolSize: 1, applicationName: 'bench probe' });
  const delays: number[] = [];
  let running = true;
  const probe = async (n: number): Promise<void> => {
    const now = new Date().toISOString();
    const row = {
      actor: 'service:bench',
      action: 'bench.probed',
      subjectKind: 'probe',
      subjectId: String(n),
      legalEntityId: ENTITY,
    };
    await database.transaction((tx) => appendAudit(tx, [row], now));
    const committed = performance.now();
    while (!(await isLinked(database, n))) await delay(LOOK_MS);
    delays.push(performance.now() - committed);
  };
  const done = (async () => {
    for (let n = before; running; n++) {
      await probe(n);
      await delay(EVERY_MS);
    }
  })();
  return {
    stop: async () => {
      running = false;
      await done;
      await database.close();
      return delays;
    },
  };
};

const isLinked = async (database: Database, n: number): Promise<boolean> => {
  const [head] = await auditHeads(database, `erp-posting/${ENTITY}`);
  return head !== undefined && head.seq > n;
};

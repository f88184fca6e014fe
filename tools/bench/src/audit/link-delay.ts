import { setTimeout as delay } from 'node:timers/promises';
import { appendAudit, Database } from '@tieout/persistence';

const EVERY_MS = 50;
const LOOK_MS = 5;
const ENTITY = 'PROBE';

/** Writes a record now and then into the audit of a working feed, and sees how long after its commit it is linked. */
export const probeLinkDelay = (url: string): { stop(): Promise<readonly number[]> } => {
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
    for (let n = 0; running; n++) {
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
  const rows = await database.query(
    `select from audit_record r join audit_link l on l.record_id = r.id where r.subject_kind = 'probe' and r.subject_id = $1`,
    [String(n)],
  );
  return rows.length > 0;
};

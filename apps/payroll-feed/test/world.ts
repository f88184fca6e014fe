import { randomUUID } from 'node:crypto';
import { ManualClock } from '@tieout/clock';
import { EVENT_TYPES, type Context } from '@tieout/contracts';
import { RetryPostings } from '@tieout/delivery';
import { PostingStatus } from '@tieout/delivery/postgres';
import type { ReceivedEvent } from '@tieout/messaging';
import { entryIdOf, masterIdOf, type MasterKind, type ReleasedContent } from '@tieout/model';
import { Database, migrate, type Tx } from '@tieout/persistence';
import { testDatabase, type TestDatabase } from '@tieout/testing';
import { MIGRATIONS } from '../src/adapters/postgres/migrations/index.js';
import { documentsOf, findRun, listRuns } from '../src/adapters/postgres/pay-run.reads.js';
import type { PayRunRow } from '../src/adapters/postgres/pay-run.table.js';
import type { PayRunPreview } from '../src/domain/preview.js';
import { ApplyMasterData } from '../src/use-cases/apply-master-data.js';
import type { SignAnswer } from '../src/use-cases/sign-pay-run.js';
import { FakeBureau } from './fake-bureau.js';
import { BUREAU, Process } from './process.js';

export const migrated = (url: string): Promise<string[]> => migrate({ url, migrations: MIGRATIONS });

export const entry = (n: number): string => entryIdOf('psa', `T-${n}`);

export const content = (over: Partial<ReleasedContent> = {}): ReleasedContent => ({
  workerId: masterIdOf('worker', over.workerCode ?? 'E1'),
  workerCode: 'E1',
  workerType: 'employee',
  legalEntityId: 'DE01',
  projectId: masterIdOf('project', 'P1'),
  projectCode: 'P1',
  workDate: '2026-11-10',
  approvedAt: '2026-11-12T09:00:00.000Z',
  hours: '8',
  billable: true,
  payCode: 'NORMAL',
  cost: { amount: '400', currency: 'EUR', rateId: 'R1', rate: '50' },
  routes: [BUREAU, 'erp'],
  ...over,
});

const received = <T>(type: ReceivedEvent['type'], producer: Context, time: string, body: T): ReceivedEvent<T> => ({
  eventId: randomUUID(),
  type,
  subject: `evt.${type}.DE01`,
  producer,
  time,
  bucket: 1,
  traceparent: undefined,
  body,
  deliveryCount: 1,
  streamSequence: 1,
});

/** A database, a bureau, and a process between them. The clock stands still until moved. */
export class World {
  readonly bureau = new FakeBureau();
  readonly clock = new ManualClock('2026-11-12T10:00:00.000Z');
  process: Process;

  private constructor(
    private readonly test: TestDatabase,
    readonly database: Database,
  ) {
    this.process = this.newProcess();
  }

  static async create(): Promise<World> {
    const test = await testDatabase(migrated);
    const world = new World(test, new Database({ url: test.url }));
    await world.master('pay-group', 'DE-M', { legalEntity: 'DE01', timeZone: 'Europe/Berlin' });
    await world.master('pay-group', 'DE-W', { legalEntity: 'DE01', timeZone: 'Europe/Berlin' });
    for (const group of ['DE-M', 'DE-W'])
      for (const [month, last] of [
        ['10', '31'],
        ['11', '30'],
        ['12', '31'],
      ] as const)
        await world.payPeriod(`${group}/2026-${month}`, { endDate: `2026-${month}-${last}` });
    for (const worker of ['E1', 'E2', 'E3']) await world.worker(worker);
    return world;
  }

  newProcess(): Process {
    return new Process(this.database, this.clock, this.bureau);
  }

  async close(): Promise<void> {
    await this.database.close();
    await this.test.drop();
  }

  #revision = 0;
  async master(
    kind: MasterKind,
    code: string,
    attributes: Record<string, string>,
    from: readonly { validFrom: string; attributes: Record<string, string> }[] = [],
  ): Promise<void> {
    this.#revision += 1;
    const body = {
      kind,
      id: masterIdOf(kind, code),
      code,
      revision: this.#revision,
      legalEntityId: 'DE01',
      timeline: [{ validFrom: '0001-01-01', attributes: { code, ...attributes } }, ...from],
      crossReferences: [],
      attributeSources: {},
      ambiguous: false,
    };
    await new ApplyMasterData(this.process.ledger, this.process.openRuns).apply([
      received(EVENT_TYPES.masterChanged, 'master', this.clock.now(), body),
    ]);
  }

  /** Cut-off at 18:00 in Berlin on the 25th. */
  payPeriod(code: string, over: Record<string, string>): Promise<void> {
    const [payGroup = '', name = ''] = code.split('/');
    const dates = { startDate: `${name}-01`, cutOff: `${name}-25T18:00`, payDate: `${name}-28`, state: 'open' };
    return this.master('pay-period', code, { payGroup, ...dates, ...over });
  }

  worker(code: string, over: Record<string, string> = {}, from: { validFrom: string; payGroup: string }[] = []): Promise<void> {
    const attributes = { type: 'employee', legalEntity: 'DE01', payGroup: 'DE-M', ...over };
    return this.master(
      'worker',
      code,
      attributes,
      from.map(({ validFrom, payGroup }) => ({ validFrom, attributes: { code, ...attributes, payGroup } })),
    );
  }

  async take(...releases: readonly (readonly [n: number, releaseNo: number, content: ReleasedContent | null])[]): Promise<void> {
    await this.process.releases.take(
      releases.map(([n, releaseNo, what]) => ({
        event: received(what === null ? EVENT_TYPES.entryWithdrawn : EVENT_TYPES.entryReleased, 'time', this.clock.now(), {}),
        entryId: entry(n),
        releaseNo,
        legalEntityId: 'DE01',
        content: what,
      })),
    );
  }

  /** Moves the clock; what was deferred, leased or backed off is due. */
  async at(instant: string): Promise<void> {
    this.clock.advance(Date.parse(instant) - this.clock.epochMs());
    await this.due();
  }

  async due(): Promise<void> {
    await this.database.query(`update posting set not_before = null where not_before is not null`);
    await this.database.query(
      `update document set lease_until = clock_timestamp() - interval '1 second', next_attempt_at = case when state = 'frozen' then null else clock_timestamp() end,
         absence_counts_at = case when absence_counts_at is null then null else clock_timestamp() end`,
    );
    await this.database.query(`update connection_state set retry_at = null`);
  }

  async rounds(count = 4): Promise<void> {
    for (let round = 0; round < count; round++) {
      await this.process.round();
      await this.due();
    }
  }

  async run(payPeriod: string): Promise<PayRunRow> {
    const found = (await listRuns(this.database, { limit: 100 })).find((run) => run.payPeriod === payPeriod);
    if (found === undefined) throw new Error(`no run ${payPeriod}`);
    return (await findRun(this.database, found.id))!;
  }

  async preview(payPeriod: string): Promise<PayRunPreview & { comparedWith: string | undefined }> {
    const run = await this.run(payPeriod);
    return this.database.transaction((tx: Tx) => this.process.preview.of(tx, run));
  }

  async sign(payPeriod: string, hash?: string, by = 'user:paula'): Promise<SignAnswer> {
    const run = await this.run(payPeriod);
    return this.process.signer.sign(run.id, hash ?? (await this.preview(payPeriod)).hash, by);
  }

  /** Runs that wait for payroll. */
  async signable(): Promise<PayRunRow[]> {
    const runs = await listRuns(this.database, { limit: 100 });
    return runs.filter(({ state }) => state === 'previewed' || state === 'refused');
  }

  async acknowledged(): Promise<PayRunRow[]> {
    return (await listRuns(this.database, { limit: 100 })).filter(({ state }) => state === 'acknowledged');
  }

  async retryRejected(): Promise<void> {
    const rows = await this.database.query<{ key: string }>(`select posting_key as key from posting where state = 'rejected'`);
    if (rows.length > 0) await this.retry(...rows.map(({ key }) => key));
  }

  /** Past the cut-off, previewed, signed, sent and acknowledged. */
  async pay(payPeriod: string): Promise<void> {
    const { cutOff } = await this.run(payPeriod);
    await this.at(new Date(Date.parse(cutOff) + 60_000).toISOString());
    await this.rounds();
    const answer = await this.sign(payPeriod);
    if (answer.kind !== 'signed') throw new Error(`not signed: ${JSON.stringify(answer)}`);
    await this.rounds();
  }

  async documents(payPeriod: string) {
    return documentsOf(this.database, await this.run(payPeriod));
  }

  async states(n: number): Promise<string[]> {
    const { postings } = await new PostingStatus(this.process.ledger).ofEntry(entry(n));
    return postings.map((line) => `${line.kind} ${line.leg} ${line.hours} ${line.postingPeriod ?? '-'} ${line.state}`);
  }

  async blocked(n: number): Promise<string | undefined> {
    const { postings } = await new PostingStatus(this.process.ledger).ofEntry(entry(n));
    return postings.at(-1)?.blocked?.reason;
  }

  async audit(action: string): Promise<{ actor: string; after: Record<string, unknown>; reason: string | null }[]> {
    return this.database.query(`select actor, after, reason from audit_record where action = $1 order by id`, [action]);
  }

  async events(type: string): Promise<Record<string, unknown>[]> {
    const rows = await this.database.query<{ body: Record<string, unknown> }>(
      `select body from outbox where type = $1 order by id`,
      [type],
    );
    return rows.map(({ body }) => body);
  }

  retry(...keys: string[]) {
    return new RetryPostings(this.process.ledger).retry(keys, 'user:olga');
  }
}

import { durationMs, type ConnectionId, type Instant } from '@tieout/model';
import { WorkLoop } from '@tieout/persistence';
import type { ServiceRuntime } from '@tieout/service-kit';
import { SyncStateStore } from '../adapters/postgres/sync-state.store.js';
import { RemergeAll } from './remerge-all.js';
import { LeaseLost, SyncConnection, type AcceptedDeletions, type MasterConnection } from './sync-connection.js';

/** Short, so that after a crash the next replica does not wait long; the heartbeat keeps it through slow reads. */
const LEASE_MS = durationMs('PT15S');
const HEARTBEAT_MS = LEASE_MS / 3;
/** How soon after midnight a new day is noticed where nothing is polled. */
const REMERGE_POLL_MS = durationMs('PT1M');

interface Schedule {
  readonly open: MasterConnection;
  readonly loop: WorkLoop;
  /** Not synchronised by this process yet: what is stored may be old. */
  fresh: boolean;
  asked: boolean;
  accepted: AcceptedDeletions | undefined;
  notBeforeMs: number;
}

/** Synchronises every connection on its own schedule, each by one replica at a time. */
export class KeepInSync {
  readonly startedAt: Instant;
  readonly #schedules = new Map<ConnectionId, Schedule>();
  /** Digest of the policy by which everything stored was merged. */
  #remerged = '';
  #remerging: Promise<void> = Promise.resolve();
  readonly #remergeLoop: WorkLoop;

  constructor(
    private readonly runtime: ServiceRuntime,
    readonly connections: readonly MasterConnection[],
    private readonly sync: SyncConnection,
    private readonly states: SyncStateStore,
    private readonly remerge: RemergeAll,
  ) {
    const { clock, database, logger } = runtime;
    this.startedAt = clock.now();
    for (const open of connections) {
      const { id, pollEverySeconds } = open.declaration;
      const run = () => this.#run(this.#schedules.get(id)!);
      const loop = new WorkLoop({ name: `sync ${id}`, run, pollMs: (pollEverySeconds * 1000) / 2, database, clock, logger });
      this.#schedules.set(id, { open, loop, fresh: true, asked: false, accepted: undefined, notBeforeMs: 0 });
    }
    // Where all systems send by themselves there is no poll that would begin with it.
    const run = () => this.#remergeOnce().then(() => 'idle' as const);
    this.#remergeLoop = new WorkLoop({ name: 'merge again', run, pollMs: REMERGE_POLL_MS, database, clock, logger });
  }

  start(): void {
    // What is stored was merged under the policy before: another owner's value may count now.
    this.runtime.policy.onChange(() => {
      for (const id of this.#schedules.keys()) this.ask(id);
    });
    this.runtime.policy.onChange(() => this.#remergeLoop.wake());
    for (const { loop } of this.#schedules.values()) loop.start();
    this.#remergeLoop.start();
  }

  async stop(): Promise<void> {
    await Promise.all([this.#remergeLoop, ...[...this.#schedules.values()].map(({ loop }) => loop)].map((loop) => loop.stop()));
  }

  /** Runs soon, whatever the schedule says. */
  ask(connection: ConnectionId, accepted?: AcceptedDeletions): void {
    const schedule = this.#schedules.get(connection)!;
    schedule.asked = true;
    schedule.accepted = accepted ?? schedule.accepted;
    schedule.loop.wake();
  }

  async #run(schedule: Schedule): Promise<'idle'> {
    const { id } = schedule.open.declaration;
    const { leases, instanceId: owner, logger, clock, policy } = this.runtime;
    if (!(await this.#due(schedule))) return 'idle';
    const lease = { name: `sync:${id}`, owner, ttlMs: LEASE_MS };
    if (!(await leases.tryAcquire(lease.name, owner, LEASE_MS))) return 'idle';
    const heartbeat = setInterval(() => {
      // A beat that fails is not the end: the next transaction finds out whether the lease is still ours.
      leases.renew(lease.name, owner, LEASE_MS).catch(() => undefined);
    }, HEARTBEAT_MS);
    const { accepted } = schedule;
    schedule.asked = false;
    try {
      await this.#remergeOnce();
      const { waitMs } = await this.sync.run(schedule.open, policy.current(), { lease, accepted, log: logger });
      schedule.fresh = false;
      if (schedule.accepted === accepted) schedule.accepted = undefined;
      schedule.notBeforeMs = clock.epochMs() + (waitMs ?? 0);
    } catch (error) {
      if (!(error instanceof LeaseLost)) throw error;
      logger.info({ connection: id }, `another replica synchronises ${id} now`);
    } finally {
      clearInterval(heartbeat);
      await leases.release(lease.name, owner).catch(() => undefined);
    }
    return 'idle';
  }

  async #due(schedule: Schedule): Promise<boolean> {
    const now = this.runtime.clock.epochMs();
    if (schedule.asked) return true;
    if (now < schedule.notBeforeMs) return false;
    if (schedule.fresh) return true;
    const { id, pollEverySeconds } = schedule.open.declaration;
    const last = await this.states.lastAttempt(this.runtime.database, id);
    return last === undefined || now - Date.parse(last) >= pollEverySeconds * 1000;
  }

  /** Once for each policy and day, and once at a time: the connections come here independently of each other. */
  async #remergeOnce(): Promise<void> {
    const policy = this.runtime.policy.current();
    const due = `${policy.digest} ${this.runtime.clock.now().slice(0, 10)}`;
    if (this.#remerged === due) return;
    this.#remerging = this.#remerging.catch(() => undefined).then(() => this.remerge.run(policy));
    await this.#remerging;
    this.#remerged = due;
  }
}

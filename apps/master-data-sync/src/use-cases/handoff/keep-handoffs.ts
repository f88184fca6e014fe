import { durationMs } from '@tieout/model';
import { WorkLoop } from '@tieout/persistence';
import type { ServiceRuntime } from '@tieout/service-kit';
import { HandoffStore } from '../../adapters/postgres/handoff.store.js';
import { LeaseLost } from '../sync-connection.js';
import { AdvanceHandoffs, type HandoffLease } from './advance-handoffs.js';

const NAME = 'handoffs';
const LEASE_MS = durationMs('PT15S');
const HEARTBEAT_MS = LEASE_MS / 3;
const POLL_MS = durationMs('PT1S');
/** Opportunities in one round; won deals come one by one. */
const ROUND = 50;

/** Hands won opportunities over, one replica at a time. */
export class KeepHandoffs {
  readonly #loop: WorkLoop;
  constructor(
    private readonly runtime: ServiceRuntime,
    private readonly handoffs: HandoffStore,
    private readonly advances: AdvanceHandoffs,
  ) {
    const { database, clock, logger } = runtime;
    this.#loop = new WorkLoop({ name: NAME, run: () => this.#run(), pollMs: POLL_MS, database, clock, logger });
  }

  start(): void {
    this.#loop.start();
  }
  stop(): Promise<void> {
    return this.#loop.stop();
  }
  /** Somebody asked for one of them. */
  wake(): void {
    this.#loop.wake();
  }

  async #run(): Promise<'idle'> {
    const { leases, instanceId: owner, logger } = this.runtime;
    const held = await leases.tryAcquire(NAME, owner, LEASE_MS);
    if (!held) return 'idle';
    const lease: HandoffLease = { name: NAME, owner, ttlMs: LEASE_MS, fence: held.fence };
    const heartbeat = setInterval(() => {
      // A beat that fails is not the end: the next transaction finds out whether the lease is still ours.
      leases.renew(NAME, owner, LEASE_MS).catch(() => undefined);
    }, HEARTBEAT_MS);
    try {
      return await this.#round(lease);
    } catch (error) {
      if (!(error instanceof LeaseLost)) throw error;
      logger.info('another replica hands opportunities over now');
      return 'idle';
    } finally {
      clearInterval(heartbeat);
      await leases.release(NAME, owner).catch(() => undefined);
    }
  }

  async #round(lease: HandoffLease): Promise<'idle'> {
    const { database, clock, policy } = this.runtime;
    const due = await this.handoffs.due(database, clock.now(), ROUND);
    const problems: unknown[] = [];
    for (const one of due)
      await this.advances.advance(one, policy.current(), lease).catch((error: unknown) => {
        if (error instanceof LeaseLost) throw error;
        // One that cannot be dealt with delays no other.
        problems.push(error);
      });
    if (problems.length > 0) throw problems[0];
    return 'idle';
  }
}

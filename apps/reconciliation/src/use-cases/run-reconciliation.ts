import { setTimeout as pause } from 'node:timers/promises';
import type { ControlReader, DestinationEvidence } from '@tieout/connector-kit';
import { EVENT_TYPES } from '@tieout/contracts';
import { addDays, dateIn, Fault, isFault, type Instant, type WorkDate } from '@tieout/model';
import { durableName, pendingOf } from '@tieout/messaging';
import type { OpenConnection, ServiceRuntime } from '@tieout/service-kit';
import { ATTR, inSpan } from '@tieout/telemetry';
import type { ReconciliationRun } from '../adapters/postgres/run.store.js';
import { readLedger, readRefused, readStatuses, readStuck } from '../adapters/postgres/status.store.js';
import { compare, type ComparisonInput } from '../domain/compare.js';
import { tiesOut, type Comparison } from '../domain/tie-out.js';
import type { ConnectionFaults } from './connection-faults.js';
import type { RecordRun } from './record-run.js';

export interface ControlConnection {
  readonly open: OpenConnection;
  readonly reader: ControlReader;
}

export interface RunQuestion {
  readonly askedBy: string;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** Time may be booked this long after it was worked: late entries and corrections. */
const BOOKED_AFTER_DAYS = 120;
const AHEAD_DAYS = 31;
const LEASE_MS = 15_000;
/** As many failures in a row as make an outage everywhere else. */
const READS = 3;
/** A replica that died holds its messages for the acknowledgement wait of 30 s. */
const BOOKS_MS = 60_000;
/** What the comparison relies on. */
const BOOKS = [
  { stream: 'TIME', type: EVENT_TYPES.entryReleased },
  { stream: 'TIME', type: EVENT_TYPES.entryHeld },
  { stream: 'TIME', type: EVENT_TYPES.entryWithdrawn },
  { stream: 'TIME', type: EVENT_TYPES.recordRefused },
  { stream: 'POSTING', type: EVENT_TYPES.documentPosted },
  { stream: 'POSTING', type: EVENT_TYPES.lineRejected },
  { stream: 'POSTING', type: EVENT_TYPES.lineBlocked },
] as const;

/** Reads both ends itself, compares them as of one instant, and reads differences again after the read lag before believing them. */
export class RunReconciliation {
  constructor(
    private readonly runtime: ServiceRuntime,
    private readonly connections: readonly ControlConnection[],
    private readonly faults: ConnectionFaults,
    private readonly recordRun: RecordRun,
    private readonly timing: { readonly rereadMs: number },
  ) {}

  /** @returns undefined when another replica is at it. */
  async run(question: RunQuestion): Promise<ReconciliationRun | undefined> {
    const { leases, instanceId } = this.runtime;
    if ((await leases.tryAcquire('reconcile', instanceId, LEASE_MS)) === undefined) return undefined;
    const heartbeat = setInterval(
      () => void leases.renew('reconcile', instanceId, LEASE_MS).catch(() => undefined),
      LEASE_MS / 3,
    );
    try {
      return await inSpan('reconcile', { parent: null }, () => this.#run(question));
    } finally {
      clearInterval(heartbeat);
      await leases.release('reconcile', instanceId);
    }
  }

  async #run(question: RunQuestion): Promise<ReconciliationRun> {
    const window = this.#window(question);
    const asOf = this.runtime.clock.now();
    const taken = { askedBy: question.askedBy, window, comparedInFull: this.#comparedInFull(window) };
    try {
      await this.#booksCaughtUp();
      let comparisons = await this.#compareAll(window, asOf);
      if (comparisons.some((c) => c.differences.length > 0 || !tiesOut(c))) {
        await pause(this.timing.rereadMs);
        comparisons = confirmed(comparisons, await this.#compareAll(window, this.runtime.clock.now()));
      }
      return await this.recordRun.record({ ...taken, asOf, comparisons, failure: null });
    } catch (error) {
      if (!isFault(error)) throw error;
      return this.recordRun.record({ ...taken, asOf, comparisons: [], failure: error.message });
    }
  }

  /** Lines that we have not been told of yet would look like strangers. @throws Fault Unavailable when they do not arrive in time. */
  async #booksCaughtUp(): Promise<void> {
    const { link, name, clock } = this.runtime;
    const deadline = clock.epochMs() + BOOKS_MS;
    for (;;) {
      const pending = await Promise.all(BOOKS.map(({ stream, type }) => pendingOf(link, stream, durableName(name, type))));
      if (pending.every((count) => count === 0)) return;
      if (clock.epochMs() > deadline)
        throw new Fault('Unavailable', `our own events have not all arrived within ${BOOKS_MS / 1000} s`);
      await pause(500);
    }
  }

  #window({ from, to }: RunQuestion): { from: WorkDate; to: WorkDate } {
    const today = dateIn(this.runtime.clock.now(), 'UTC');
    const days = Math.max(...this.connections.map(({ open }) => open.declaration.windowDays));
    return { from: from ?? addDays(today, -days), to: to ?? addDays(today, AHEAD_DAYS) };
  }

  /**
   * Where a difference that was not found again is no more. Not after a run for a part of the window: it did not look at the rest. And
   * also where nothing is left to count, which leaves no line in the tie-out.
   */
  #comparedInFull(window: { from: WorkDate; to: WorkDate }): string[] {
    const full = this.#window({ askedBy: '' });
    if (window.from > full.from || window.to < full.to) return [];
    return this.connections.filter(isErp).map(({ open }) => open.declaration.id);
  }

  async #compareAll(window: { from: WorkDate; to: WorkDate }, asOf: Instant): Promise<Comparison[]> {
    const { database } = this.runtime;
    // Our own books first: whatever both ends say afterwards is at least as new.
    const statuses = await readStatuses(database);
    const refusedRecords = await readRefused(database);
    const source: ComparisonInput['source'][number][] = [];
    const inFlightMs =
      Math.max(...this.connections.map(({ open }) => open.declaration.pollEverySeconds + open.declaration.sweepEverySeconds)) *
      1000;
    for (const { open, reader } of this.connections) {
      const evidence = await this.#read(open, 'read source', () => reader.readSource?.(window));
      for (const item of evidence ?? []) source.push({ ...item, connection: open.declaration.id });
    }
    const comparisons: Comparison[] = [];
    for (const { open, reader } of this.connections.filter(isErp)) {
      const { id, journalOursAlone } = open.declaration;
      const ledger = await readLedger(database, id);
      const stuckEntries = await readStuck(database, id);
      const bookedWindow = { from: window.from, to: addDays(window.to, BOOKED_AFTER_DAYS) };
      const booked: readonly DestinationEvidence[] =
        (await this.#read(open, 'read destination', () => reader.readDestination?.(bookedWindow))) ?? [];
      comparisons.push(
        compare({
          asOf,
          destination: id,
          window,
          source,
          booked,
          statuses,
          ledger,
          stuckEntries,
          refusedRecords,
          journalOursAlone,
          inFlightMs,
        }),
      );
    }
    return comparisons;
  }

  async #read<T>({ declaration }: OpenConnection, name: string, read: () => Promise<T> | undefined): Promise<T | undefined> {
    try {
      const found = await inSpan(
        `${name} ${declaration.id}`,
        { kind: 'client', attributes: { [ATTR.connection]: declaration.id } },
        () => this.#patiently(read),
      );
      await this.faults.cleared(declaration.id);
      return found;
    } catch (error) {
      if (isFault(error)) await this.faults.raised(declaration.id, error);
      throw error;
    }
  }

  /** Reading has no effect, and runs are rare: a connection that was cut once is read again before anybody is told of an outage. */
  async #patiently<T>(read: () => Promise<T> | undefined): Promise<T | undefined> {
    for (let left = READS; ; left--) {
      try {
        return await read();
      } catch (error) {
        if (left === 1 || !(isFault(error, 'Unavailable') || isFault(error, 'OutcomeUnknown'))) throw error;
        await pause(this.timing.rereadMs);
      }
    }
  }
}

/** What is compared: the ledgers of ERPs. Payroll and the warehouse take other lines of the same hours; routes to them are passed over. */
const isErp = ({ open, reader }: ControlConnection): boolean =>
  reader.readDestination !== undefined && open.declaration.roles.includes('posting');

/** Only what both readings found is a difference; the newer one has the facts. */
const confirmed = (first: readonly Comparison[], second: readonly Comparison[]): Comparison[] => {
  const before = new Set(first.flatMap((c) => c.differences.map((d) => d.differenceKey)));
  return second.map(({ lines, differences }) => {
    const kept = differences.filter((d) => before.has(d.differenceKey));
    return {
      differences: kept,
      lines: lines.map((line) => ({ ...line, differences: kept.filter((d) => d.legalEntityId === line.legalEntityId).length })),
    };
  });
};

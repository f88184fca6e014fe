import type { ConnectionId } from '@tieout/model';
import type { Database, Tx } from '@tieout/persistence';
import { payRunId, readCalendar, type PayrollParts } from './payroll-rules.js';

type Parts = Pick<PayrollParts, 'policy' | 'master' | 'clock' | 'runs'> & { readonly database: Pick<Database, 'transaction'> };

/** Opens the runs of the calendar before the first line comes: a run without any hours must not go unnoticed. */
export class OpenPayRuns {
  constructor(
    private readonly parts: Parts,
    private readonly destinations: ReadonlySet<ConnectionId>,
  ) {}

  async run(): Promise<'more' | 'idle'> {
    await this.parts.database.transaction((tx) => this.open(tx));
    return 'idle';
  }

  /** Periods that have begun and whose cut-off is not over. */
  async open(tx: Tx): Promise<void> {
    const { policy, clock, runs } = this.parts;
    const now = clock.now();
    const calendar = await readCalendar(tx, this.parts);
    const due = [...calendar.groups.values()].flatMap(({ code, legalEntityId }) =>
      policy
        .current()
        .feedRoutes('payroll', legalEntityId)
        .filter((destination) => this.destinations.has(destination))
        .flatMap((destination) =>
          calendar
            .periodsOf(code)
            .filter((period) => period.state === 'open' && period.startDate <= now.slice(0, 10) && period.cutOff >= now)
            .map((period) => ({ id: payRunId(destination, period.code), destination, legalEntityId, period })),
        ),
    );
    await runs.open(tx, due, now);
    await runs.reschedule(
      tx,
      [...calendar.groups.keys()].flatMap((group) => calendar.periodsOf(group)),
      now,
    );
  }
}

import type { ProgressAnswerV1 } from '@tieout/contracts';
import { addDecimals } from '@tieout/model';
import type { ServiceRuntime } from '@tieout/service-kit';
import { lineage, progressRows, type LineageRows } from '../adapters/postgres/entry.store.js';
import { connectionRows } from '../adapters/postgres/source.store.js';

export interface TimeProgress extends ProgressAnswerV1 {
  readonly approvedHours: string;
  readonly connections: readonly {
    readonly connection: string;
    readonly caughtUpAt: string | null;
    readonly sweptAt: string | null;
    readonly fault: string | null;
  }[];
}

export class EntryStatus {
  constructor(
    private readonly runtime: ServiceRuntime,
    private readonly timeConnections: readonly string[],
  ) {}

  lineageOf(entryId: string): Promise<LineageRows> {
    return lineage(this.runtime.database, entryId);
  }

  /** Idle: every source was read to its end at least once, and no entry waits for its verdict. */
  async progress(): Promise<TimeProgress> {
    const rows = await progressRows(this.runtime.database);
    const connections = await connectionRows(this.runtime.database);
    const counts: Record<string, number> = {};
    for (const row of rows) {
      if (row.approved) counts['approved'] = (counts['approved'] ?? 0) + row.entries;
      else counts['notApproved'] = (counts['notApproved'] ?? 0) + row.entries;
      counts[row.verdict] = (counts[row.verdict] ?? 0) + row.entries;
      if (row.waiting) counts['toAssess'] = (counts['toAssess'] ?? 0) + row.entries;
    }
    const caughtUp = this.timeConnections.every((id) =>
      connections.some((row) => row.connection === id && row.caught_up_at !== null),
    );
    return {
      idle: caughtUp && (counts['toAssess'] ?? 0) === 0,
      counts,
      approvedHours: addDecimals(rows.filter((row) => row.approved).map((row) => row.hours)),
      connections: connections.map((row) => ({
        connection: row.connection,
        caughtUpAt: row.caught_up_at,
        sweptAt: row.swept_at,
        fault: row.fault_reason === null ? null : `${row.fault_reason}: ${row.fault_message}`,
      })),
    };
  }
}

import type { ServiceRuntime } from '@tieout/service-kit';
import { openByReason, type OpenByReason } from '../adapters/postgres/case.store.js';

/** What stands open, by reason and legal entity: for the runner's table, the console and other services. */
export class OpenCases {
  constructor(private readonly runtime: ServiceRuntime) {}

  async byReason(): Promise<{ readonly reasons: readonly OpenByReason[] }> {
    return { reasons: await openByReason(this.runtime.database) };
  }
}

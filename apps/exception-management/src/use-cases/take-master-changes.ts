import type { MasterObjectChangedV1 } from '@tieout/contracts';
import type { ReceivedEvent } from '@tieout/messaging';
import { MasterReadModel } from '@tieout/persistence';
import type { ServiceRuntime } from '@tieout/service-kit';

/** Keeps the accounting periods: severity depends on the nearest cut-off. The other kinds are none of our business. */
export class TakeMasterChanges {
  readonly #master = new MasterReadModel();
  constructor(private readonly runtime: ServiceRuntime) {}

  async run(events: readonly ReceivedEvent<MasterObjectChangedV1>[]): Promise<void> {
    const periods = events.filter((event) => event.body.kind === 'accounting-period');
    if (periods.length > 0) await this.runtime.database.transaction((tx) => this.#master.apply(tx, periods));
  }
}

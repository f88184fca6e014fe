import type { MasterObjectChangedV1 } from '@tieout/contracts';
import type { ReceivedEvent } from '@tieout/messaging';
import type { MasterKind } from '@tieout/model';
import { MasterReadModel } from '@tieout/persistence';
import type { ServiceRuntime } from '@tieout/service-kit';

const KINDS: ReadonlySet<MasterKind> = new Set<MasterKind>(['accounting-period', 'pay-group', 'pay-period']);

/** Keeps accounting periods and what pay cut-offs come from: severity depends on the nearest cut-off. The other kinds are none of our business. */
export class TakeMasterChanges {
  readonly #master = new MasterReadModel();
  constructor(private readonly runtime: ServiceRuntime) {}

  async run(events: readonly ReceivedEvent<MasterObjectChangedV1>[]): Promise<void> {
    const kept = events.filter((event) => KINDS.has(event.body.kind));
    if (kept.length > 0) await this.runtime.database.transaction((tx) => this.#master.apply(tx, kept));
  }
}

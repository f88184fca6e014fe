import type { MasterObjectChangedV1 } from '@tieout/contracts';
import type { ReceivedEvent } from '@tieout/messaging';
import { masterKey } from '@tieout/model';
import { MasterReadModel, notify, recordReceipts } from '@tieout/persistence';
import type { ServiceRuntime } from '@tieout/service-kit';
import { ASSESS_CHANNEL, lockMasterView, markDependents } from '../adapters/postgres/entry.store.js';
import { periodsKey } from '../domain/master-view.js';

/** Keeps the master read model, and has what depended on a changed object assessed again. */
export class TakeMasterChanges {
  readonly #master = new MasterReadModel();
  constructor(private readonly runtime: ServiceRuntime) {}

  run(events: readonly ReceivedEvent<MasterObjectChangedV1>[]): Promise<void> {
    return this.runtime.database.transaction(async (tx) => {
      await recordReceipts(tx, events);
      await lockMasterView(tx, 'change');
      const changed = await this.#master.apply(tx, events);
      if (changed.length === 0) return;
      const keys = changed.map(({ kind, code }) => masterKey(kind, code));
      for (const event of events) if (event.body.kind === 'accounting-period') keys.push(periodsKey(event.body.legalEntityId));
      if ((await markDependents(tx, [...new Set(keys)])) > 0) await notify(tx, ASSESS_CHANNEL);
    });
  }
}

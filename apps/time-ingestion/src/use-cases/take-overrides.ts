import type { OverrideChangedV1 } from '@tieout/contracts';
import type { ReceivedEvent } from '@tieout/messaging';
import { Fault } from '@tieout/model';
import { appendAudit, notify, recordReceipts } from '@tieout/persistence';
import type { ServiceRuntime } from '@tieout/service-kit';
import { isSignedBy } from '@tieout/signing';
import { ASSESS_CHANNEL, markEntries } from '../adapters/postgres/entry.store.js';
import { putOverrides } from '../adapters/postgres/override.store.js';

/** Keeps one-off overrides of governance, and has their entries assessed again. */
export class TakeOverrides {
  constructor(private readonly runtime: ServiceRuntime) {}

  /** @throws Fault ContractBroken for one that governance did not sign: whoever can publish must not be able to let time pass. */
  run(events: readonly ReceivedEvent<OverrideChangedV1>[]): Promise<void> {
    for (const { body } of events) this.#verify(body);
    const { database, clock, policy, name } = this.runtime;
    return database.transaction(async (tx) => {
      await recordReceipts(tx, events);
      const overrides = events.map(({ body }) => body);
      const changed = await putOverrides(tx, overrides);
      if (changed.length === 0) return;
      const newest = new Map(
        [...overrides].sort((a, b) => a.revision - b.revision).map((override) => [override.entryId, override]),
      );
      await appendAudit(
        tx,
        changed.map((entryId) => {
          const { overrideId, revision, reasons, validUntil, state, requestedBy, approvedBy, legalEntityId } =
            newest.get(entryId)!;
          return {
            actor: `service:${name}`,
            action: state === 'active' ? 'entry.override-taken' : 'entry.override-ended',
            subjectKind: 'time-entry',
            subjectId: entryId,
            legalEntityId,
            after: { overrideId, revision, reasons, validUntil, requestedBy, approvedBy },
            policyDigest: policy.current().digest,
          };
        }),
        clock.now(),
      );
      await markEntries(tx, changed);
      await notify(tx, ASSESS_CHANNEL);
    });
  }

  #verify({ keyId, signature, ...statement }: OverrideChangedV1): void {
    const keys = this.runtime.governanceKeys();
    if (isSignedBy('override', statement, { keyId, signature }, keys)) return;
    const why =
      keys.length === 0
        ? 'GOVERNANCE_PUBLIC_KEYS is not set here; name the file of public keys'
        : `the key ${keyId} is none of those in GOVERNANCE_PUBLIC_KEYS, or the statement is not the one that was signed`;
    throw new Fault(
      'ContractBroken',
      `override ${statement.overrideId} of entry ${statement.entryId} is not signed by governance (${why}); nothing was let pass`,
    );
  }
}

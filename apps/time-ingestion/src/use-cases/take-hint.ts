import type { WebhookReceiver } from '@tieout/connector-kit';
import { notify } from '@tieout/persistence';
import type { ServiceRuntime } from '@tieout/service-kit';
import { HINT_CHANNEL, putHint } from '../adapters/postgres/source.store.js';

export type HintOutcome = 'taken' | 'no-such-connection' | 'signature-mismatch';

/** Verifies a webhook over its raw body and stores the hint before anybody says yes to the sender. */
export class TakeHint {
  constructor(
    private readonly runtime: ServiceRuntime,
    private readonly receivers: ReadonlyMap<string, WebhookReceiver>,
  ) {}

  /** @throws Fault ContractBroken when a signed body cannot be read. */
  async run(connection: string, rawBody: Buffer, headers: Readonly<Record<string, string | undefined>>): Promise<HintOutcome> {
    const receiver = this.receivers.get(connection);
    if (receiver === undefined) return 'no-such-connection';
    const hint = receiver.verify(rawBody, headers);
    if (hint === undefined) return 'signature-mismatch';
    await this.runtime.database.transaction(async (tx) => {
      await putHint(tx, connection, hint.deliveryId, hint.sourceIds, this.runtime.clock.now());
      await notify(tx, HINT_CHANNEL);
    });
    return 'taken';
  }
}

import { CATALOGUE, EVENT_HEADERS, type EventType } from '@tieout/contracts';
import { Logger } from '@nestjs/common';
import type { MsgHdrs } from '@nats-io/transport-node';

/** Says once per consumer and date that it reads a type which ends: who still has to move stands in their own log. */
export class DeprecationNotices {
  readonly #logger = new Logger('deprecation');
  readonly #said = new Set<string>();

  see(durable: string, type: EventType, headers: MsgHdrs | undefined): void {
    // The producer's word counts: it may know of a deprecation that this build's catalogue does not.
    const until = headers?.get(EVENT_HEADERS.deprecatedUntil) ?? '';
    if (until === '') return;
    const notice = `${durable} ${until}`;
    if (this.#said.has(notice)) return;
    this.#said.add(notice);
    const status = CATALOGUE.find(({ id }) => id === type)?.status;
    const instead =
      status?.state === 'deprecated' ? `; read ${status.instead} instead` : '; docs/contracts.md names its successor';
    this.#logger.warn(`${durable} reads ${type}, which is said until ${until} only${instead}`);
  }
}

import { Controller } from '@nestjs/common';
import { EVENT_TYPES, type TimeEntryReleasedV1, type TimeEntryWithdrawnV1 } from '@tieout/contracts';
import { OnEvents, type ReceivedEvent } from '@tieout/messaging';
import { TakeReleases } from '../engine/take-releases.js';
import { toRelease, toWithdrawal } from './convert.js';

/** Releases and withdrawals: every feed takes them all and keeps what is routed to it. */
@Controller()
export class ReleasesConsumer {
  constructor(private readonly releases: TakeReleases) {}

  @OnEvents(EVENT_TYPES.entryReleased)
  released(events: ReceivedEvent<TimeEntryReleasedV1>[]): Promise<void> {
    return this.releases.take(events.map(toRelease));
  }

  @OnEvents(EVENT_TYPES.entryWithdrawn)
  withdrawn(events: ReceivedEvent<TimeEntryWithdrawnV1>[]): Promise<void> {
    return this.releases.take(events.map(toWithdrawal));
  }
}

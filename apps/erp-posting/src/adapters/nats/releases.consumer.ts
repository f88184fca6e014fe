import { Controller } from '@nestjs/common';
import { EVENT_TYPES, type MasterObjectChangedV1, type TimeEntryReleasedV1, type TimeEntryWithdrawnV1 } from '@tieout/contracts';
import { OnEvents, type ReceivedEvent } from '@tieout/messaging';
import { ApplyMasterData } from '../../use-cases/apply-master-data.js';
import { TakeReleases } from '../../use-cases/take-releases.js';
import { toRelease, toWithdrawal } from './convert.js';

@Controller()
export class ReleasesConsumer {
  constructor(
    private readonly releases: TakeReleases,
    private readonly masterData: ApplyMasterData,
  ) {}

  @OnEvents(EVENT_TYPES.entryReleased)
  released(events: ReceivedEvent<TimeEntryReleasedV1>[]): Promise<void> {
    return this.releases.take(events.map(toRelease));
  }

  @OnEvents(EVENT_TYPES.entryWithdrawn)
  withdrawn(events: ReceivedEvent<TimeEntryWithdrawnV1>[]): Promise<void> {
    return this.releases.take(events.map(toWithdrawal));
  }

  @OnEvents(EVENT_TYPES.masterChanged)
  masterChanged(events: ReceivedEvent<MasterObjectChangedV1>[]): Promise<void> {
    return this.masterData.apply(events);
  }
}

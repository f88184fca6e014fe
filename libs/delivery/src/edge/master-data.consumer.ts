import { Controller, type Type } from '@nestjs/common';
import { EVENT_TYPES, type MasterObjectChangedV1 } from '@tieout/contracts';
import { OnEvents, type ReceivedEvent } from '@tieout/messaging';

interface TakesMasterData {
  apply(events: readonly ReceivedEvent<MasterObjectChangedV1>[]): Promise<void>;
}

/** Master data: every feed takes it all, and each keeps and does with it what it must. */
export const masterDataConsumer = (feed: TakesMasterData): Type => {
  @Controller()
  class MasterDataConsumer {
    @OnEvents(EVENT_TYPES.masterChanged)
    masterChanged(events: ReceivedEvent<MasterObjectChangedV1>[]): Promise<void> {
      return feed.apply(events);
    }
  }
  return MasterDataConsumer;
};

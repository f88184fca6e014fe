import { Controller } from '@nestjs/common';
import { EVENT_TYPES, type MasterObjectChangedV1 } from '@tieout/contracts';
import { OnEvents, type ReceivedEvent } from '@tieout/messaging';
import { ApplyMasterData } from '../../use-cases/apply-master-data.js';

@Controller()
export class MasterDataConsumer {
  constructor(private readonly masterData: ApplyMasterData) {}

  @OnEvents(EVENT_TYPES.masterChanged)
  masterChanged(events: ReceivedEvent<MasterObjectChangedV1>[]): Promise<void> {
    return this.masterData.apply(events);
  }
}

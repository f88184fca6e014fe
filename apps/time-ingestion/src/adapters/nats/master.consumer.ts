import { Controller } from '@nestjs/common';
import { EVENT_TYPES, type MasterObjectChangedV1 } from '@tieout/contracts';
import { OnEvents, type ReceivedEvent } from '@tieout/messaging';
import { TakeMasterChanges } from '../../use-cases/take-master-changes.js';

@Controller()
export class MasterConsumer {
  constructor(private readonly takeMasterChanges: TakeMasterChanges) {}

  @OnEvents(EVENT_TYPES.masterChanged)
  take(events: ReceivedEvent<MasterObjectChangedV1>[]): Promise<void> {
    return this.takeMasterChanges.run(events);
  }
}

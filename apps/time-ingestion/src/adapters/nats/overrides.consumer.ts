import { Controller } from '@nestjs/common';
import { EVENT_TYPES, type OverrideChangedV1 } from '@tieout/contracts';
import { OnEvents, type ReceivedEvent } from '@tieout/messaging';
import { TakeOverrides } from '../../use-cases/take-overrides.js';

@Controller()
export class OverridesConsumer {
  constructor(private readonly takeOverrides: TakeOverrides) {}

  @OnEvents(EVENT_TYPES.overrideChanged)
  take(events: ReceivedEvent<OverrideChangedV1>[]): Promise<void> {
    return this.takeOverrides.run(events);
  }
}

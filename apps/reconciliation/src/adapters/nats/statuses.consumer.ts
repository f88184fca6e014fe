import { Controller } from '@nestjs/common';
import {
  EVENT_TYPES,
  type DocumentConfirmedV1,
  type DocumentPostedV1,
  type LineBlockedV1,
  type LineClearedV1,
  type LineRejectedV1,
  type SourceRecordMendedV1,
  type SourceRecordRefusedV1,
  type TimeEntryHeldV1,
  type TimeEntryReleasedV1,
  type TimeEntryWithdrawnV1,
} from '@tieout/contracts';
import { OnEvents, type ReceivedEvent } from '@tieout/messaging';
import { TakeStatuses } from '../../use-cases/take-statuses.js';

@Controller()
export class StatusesConsumer {
  constructor(private readonly statuses: TakeStatuses) {}

  @OnEvents(EVENT_TYPES.entryReleased)
  released(events: ReceivedEvent<TimeEntryReleasedV1>[]) {
    return this.statuses.released(events);
  }
  @OnEvents(EVENT_TYPES.entryHeld)
  held(events: ReceivedEvent<TimeEntryHeldV1>[]) {
    return this.statuses.held(events);
  }
  @OnEvents(EVENT_TYPES.entryWithdrawn)
  withdrawn(events: ReceivedEvent<TimeEntryWithdrawnV1>[]) {
    return this.statuses.withdrawn(events);
  }
  @OnEvents(EVENT_TYPES.documentPosted)
  posted(events: ReceivedEvent<DocumentPostedV1>[]) {
    return this.statuses.posted(events);
  }
  @OnEvents(EVENT_TYPES.documentConfirmed)
  confirmed(events: ReceivedEvent<DocumentConfirmedV1>[]) {
    return this.statuses.confirmed(events);
  }
  @OnEvents(EVENT_TYPES.lineRejected)
  lineRejected(events: ReceivedEvent<LineRejectedV1>[]) {
    return this.statuses.lineStuck(events);
  }
  @OnEvents(EVENT_TYPES.lineBlocked)
  lineBlocked(events: ReceivedEvent<LineBlockedV1>[]) {
    return this.statuses.lineStuck(events);
  }
  @OnEvents(EVENT_TYPES.lineCleared)
  lineCleared(events: ReceivedEvent<LineClearedV1>[]) {
    return this.statuses.lineCleared(events);
  }
  @OnEvents(EVENT_TYPES.recordRefused)
  recordRefused(events: ReceivedEvent<SourceRecordRefusedV1>[]) {
    return this.statuses.recordRefused(events);
  }
  @OnEvents(EVENT_TYPES.recordMended)
  recordMended(events: ReceivedEvent<SourceRecordMendedV1>[]) {
    return this.statuses.recordMended(events);
  }
}

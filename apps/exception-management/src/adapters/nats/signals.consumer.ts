import { Controller } from '@nestjs/common';
import {
  EVENT_TYPES,
  type ConditionClearedV1,
  type ConditionRaisedV1,
  type ConnectionFaultClearedV1,
  type ConnectionFaultRaisedV1,
  type DifferenceFoundV1,
  type DifferenceResolvedV1,
  type MasterObjectChangedV1,
  type SourceRecordMendedV1,
  type SourceRecordRefusedV1,
  type TimeEntryHeldV1,
  type TimeEntryReleasedV1,
  type TimeEntryWithdrawnV1,
} from '@tieout/contracts';
import { OnDeadLetters, OnEvents, type DeadLetter, type ReceivedEvent } from '@tieout/messaging';
import * as signals from '../../domain/signals.js';
import { TakeMasterChanges } from '../../use-cases/take-master-changes.js';
import { TakeSignals } from '../../use-cases/take-signals.js';

/** Every event but the feeds' that can open or close a case. One durable per type; order between them is not assumed. */
@Controller()
export class SignalsConsumer {
  constructor(
    private readonly takeSignals: TakeSignals,
    private readonly takeMasterChanges: TakeMasterChanges,
  ) {}

  #take<T>(events: ReceivedEvent<T>[], convert: (body: T) => signals.Signal | signals.Signal[]): Promise<void> {
    return this.takeSignals.run(
      events,
      events.flatMap((event) => convert(event.body)),
    );
  }

  @OnEvents(EVENT_TYPES.masterChanged)
  masterChanged(events: ReceivedEvent<MasterObjectChangedV1>[]) {
    return this.takeMasterChanges.run(events);
  }
  @OnEvents(EVENT_TYPES.entryHeld)
  held(events: ReceivedEvent<TimeEntryHeldV1>[]) {
    return this.#take(events, signals.heldSignal);
  }
  @OnEvents(EVENT_TYPES.entryReleased)
  released(events: ReceivedEvent<TimeEntryReleasedV1>[]) {
    return this.#take(events, signals.decidedSignal);
  }
  @OnEvents(EVENT_TYPES.entryWithdrawn)
  withdrawn(events: ReceivedEvent<TimeEntryWithdrawnV1>[]) {
    return this.#take(events, signals.decidedSignal);
  }
  @OnEvents(EVENT_TYPES.recordRefused)
  recordRefused(events: ReceivedEvent<SourceRecordRefusedV1>[]) {
    return this.#take(events, signals.recordRefusedSignal);
  }
  @OnEvents(EVENT_TYPES.recordMended)
  recordMended(events: ReceivedEvent<SourceRecordMendedV1>[]) {
    return this.#take(events, signals.recordMendedSignal);
  }
  @OnEvents(EVENT_TYPES.connectionFaulted)
  connectionFaulted(events: ReceivedEvent<ConnectionFaultRaisedV1>[]) {
    return this.#take(events, signals.connectionFaultedSignal);
  }
  @OnEvents(EVENT_TYPES.connectionRecovered)
  connectionRecovered(events: ReceivedEvent<ConnectionFaultClearedV1>[]) {
    return this.#take(events, signals.connectionClearedSignal);
  }
  @OnEvents(EVENT_TYPES.differenceFound)
  differenceFound(events: ReceivedEvent<DifferenceFoundV1>[]) {
    return this.#take(events, signals.differenceFoundSignal);
  }
  @OnEvents(EVENT_TYPES.differenceResolved)
  differenceResolved(events: ReceivedEvent<DifferenceResolvedV1>[]) {
    return this.#take(events, signals.differenceResolvedSignal);
  }
  @OnEvents(EVENT_TYPES.conditionRaised)
  conditionRaised(events: ReceivedEvent<ConditionRaisedV1>[]) {
    return this.#take(events, signals.conditionRaisedSignal);
  }
  @OnEvents(EVENT_TYPES.conditionCleared)
  conditionCleared(events: ReceivedEvent<ConditionClearedV1>[]) {
    return this.#take(events, signals.conditionClearedSignal);
  }
  @OnDeadLetters()
  deadLetters(letters: DeadLetter[]) {
    return this.takeSignals.run([], letters.map(signals.deadLetterSignal));
  }
}

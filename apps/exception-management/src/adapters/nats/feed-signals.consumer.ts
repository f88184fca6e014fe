import { Controller, type Type } from '@nestjs/common';
import { FEED_EVENTS, type EventBody, type FeedEvent } from '@tieout/contracts';
import { OnEvents, type ReceivedEvent } from '@tieout/messaging';
import type { Feed } from '@tieout/model';
import * as signals from '../../domain/signals.js';
import { TakeSignals } from '../../use-cases/take-signals.js';

type Convert<E extends FeedEvent> = (
  body: EventBody<(typeof FEED_EVENTS)['posting'][E]>,
  feed: Feed,
) => signals.Signal | signals.Signal[];

/** What of a feed's news opens or closes a case. A confirmation does neither. */
const FEED_SIGNALS: { readonly [E in Exclude<FeedEvent, 'documentConfirmed'>]: Convert<E> } = {
  documentPosted: signals.documentPostedSignals,
  documentUnknown: signals.documentUnknownSignal,
  documentResolved: signals.documentResolvedSignal,
  lineRejected: signals.lineRejectedSignal,
  lineBlocked: signals.lineBlockedSignal,
  lineCleared: signals.lineClearedSignal,
};

/** Consumers of one feed's events, one durable per type: the three feeds differ in nothing but the subjects. */
export const feedSignalsConsumer = (feed: Feed): Type<unknown> => {
  @Controller()
  class FeedSignalsConsumer {
    constructor(private readonly takeSignals: TakeSignals) {}

    protected take(events: readonly ReceivedEvent<never>[], convert: Convert<never>): Promise<void> {
      return this.takeSignals.run(
        events,
        events.flatMap(({ body }) => convert(body, feed)),
      );
    }
  }
  for (const [event, convert] of Object.entries(FEED_SIGNALS) as [FeedEvent, Convert<never>][]) {
    const descriptor: PropertyDescriptor = {
      configurable: true,
      writable: true,
      value(this: FeedSignalsConsumer, events: readonly ReceivedEvent<never>[]) {
        return this.take(events, convert);
      },
    };
    // What a decorator above a method does: it may put another function into the descriptor.
    OnEvents(FEED_EVENTS[feed][event])(FeedSignalsConsumer.prototype, event, descriptor);
    Object.defineProperty(FeedSignalsConsumer.prototype, event, descriptor);
  }
  return FeedSignalsConsumer;
};

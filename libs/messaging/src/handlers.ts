import type { EventType } from '@tieout/contracts';
import { EventPattern } from '@nestjs/microservices';

/** Handlers marked with it belong to the JetStream strategy; Nest's NATS transport, in the same process, leaves them alone. */
export const JETSTREAM = Symbol.for('tieout.jetstream');

export type HandlerSpec =
  | {
      readonly mode: 'batch';
      readonly type: EventType;
      readonly consumer: string;
      readonly max: number;
      readonly waitMs: number;
      readonly workers: number;
    }
  | { readonly mode: 'single'; readonly type: EventType; readonly consumer: string; readonly workers: number }
  | { readonly mode: 'letters'; readonly consumer: string };

export const SPEC = 'tieoutHandler';

/**
 * Tail of a durable's name: "entry-released", "master-object-changed", "posting-document-posted". Only the context `time` is left
 * out: "object" and "run" alone would say nothing in a list of consumers. From v2 on the version stays.
 */
export function consumerName(type: EventType): string {
  const parts = type.split('.');
  const from = parts[0] === 'time' ? 1 : 0;
  return parts.slice(from, parts.at(-1) === 'v1' ? -1 : undefined).join('-');
}

/** The durable under which a service consumes a type, unless its handler says `{ consumer }`: "erp-posting--entry-released". */
export const durableName = (service: string, type: EventType): string => `${service}--${consumerName(type)}`;

/** What the strategy hands to a handler, so that its failure comes back as a value: Nest's filters would replace it. */
export class Handover {
  failure: { readonly error: unknown } | undefined;
  constructor(readonly payload: unknown) {}
}

type Method = (this: unknown, ...args: unknown[]) => unknown;

const handler =
  (spec: HandlerSpec): MethodDecorator =>
  (target, key, descriptor) => {
    const original = descriptor.value as Method;
    const method: Method = async function (first, ...rest) {
      if (!(first instanceof Handover)) return original.call(this, first, ...rest);
      try {
        await original.call(this, first.payload, ...rest);
      } catch (error) {
        first.failure = { error };
      }
      return undefined;
    };
    for (const name of Reflect.getMetadataKeys(original))
      Reflect.defineMetadata(name, Reflect.getMetadata(name, original), method);
    Object.defineProperty(method, 'name', { value: original.name });
    descriptor.value = method as never;
    EventPattern(spec.consumer, JETSTREAM, { [SPEC]: spec })(target, key, descriptor as never);
  };

export interface BatchOptions {
  /** Tail of the durable's name, where a service has two handlers of one type. */
  readonly consumer?: string;
  readonly max?: number;
  readonly waitMs?: number;
  /** Batches handled at the same time. */
  readonly batches?: number;
}

/** `method(events: ReceivedEvent<T>[]): Promise<void>`, up to `max` (500) events, or what came within `waitMs` (20). */
export const OnEvents = (type: EventType, options: BatchOptions = {}): MethodDecorator =>
  handler({
    mode: 'batch',
    type,
    consumer: options.consumer ?? consumerName(type),
    max: options.max ?? 500,
    waitMs: options.waitMs ?? 20,
    workers: options.batches ?? 1,
  });

/** `method(event: ReceivedEvent<T>): Promise<void>`, `concurrency` (16) events at the same time. */
export const OnEvent = (type: EventType, options: { consumer?: string; concurrency?: number } = {}): MethodDecorator =>
  handler({ mode: 'single', type, consumer: options.consumer ?? consumerName(type), workers: options.concurrency ?? 16 });

/** `method(letters: DeadLetter[]): Promise<void>`: what any consumer of any service has given up. */
export const OnDeadLetters = (): MethodDecorator => handler({ mode: 'letters', consumer: 'dead-letters' });

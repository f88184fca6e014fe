import 'reflect-metadata';
import { systemClock } from '@tieout/clock';
import { EVENT_TYPES, type EventType } from '@tieout/contracts';
import { Fault } from '@tieout/model';
import { describe, expect, it } from 'vitest';
import { consumerName, durableName, Handover, OnEvents, SPEC } from './handlers.js';
import { NatsLink } from './link.js';
import { JetStreamStrategy } from './strategy.js';

class Consumer {
  readonly seen: unknown[] = [];
  @OnEvents(EVENT_TYPES.entryReleased)
  async released(events: unknown[]): Promise<string> {
    if (events.length === 0) throw new Fault('Unavailable', 'nothing there');
    this.seen.push(...events);
    return 'called directly';
  }
}

const link = new NatsLink({ servers: 'nats://127.0.0.1:1', name: 'nobody' });

describe('durable names', () => {
  it('hold no dots, and the version only from v2 on', () => {
    expect(consumerName(EVENT_TYPES.entryReleased)).toBe('entry-released');
    expect(consumerName(EVENT_TYPES.recordRefused)).toBe('source-record-refused');
    expect(durableName('time-ingestion', EVENT_TYPES.masterChanged)).toBe('time-ingestion--master-object-changed');
    expect(consumerName('time.entry.released.v2' as EventType)).toBe('entry-released-v2');
    const names = Object.values(EVENT_TYPES).map(consumerName);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !/^[a-z0-9-]+$/.test(name))).toEqual([]);
  });
});

describe('a handler', () => {
  it('is an ordinary method to whoever calls it directly', async () => {
    const consumer = new Consumer();
    expect(await consumer.released([1])).toBe('called directly');
    await expect(consumer.released([])).rejects.toThrow('nothing there');
  });

  it('hands its failure back untouched when the strategy calls it', async () => {
    const handover = new Handover([]);
    const released = new Consumer().released as unknown as (handover: Handover) => Promise<void>;
    await released(handover);
    expect(handover.failure?.error).toBeInstanceOf(Fault);
  });

  it('may not share its durable with another', () => {
    const strategy = new JetStreamStrategy({ link, service: 'erp-posting', clock: systemClock });
    const spec = { mode: 'single', type: EVENT_TYPES.entryReleased, consumer: 'entry-released', workers: 1 };
    const add = (): void => strategy.addHandler('entry-released', async () => undefined, true, { [SPEC]: spec });
    add();
    expect(add).toThrow('"erp-posting--entry-released"');
    strategy.addHandler('qry.time.progress.v1', async () => undefined);
    expect([...strategy.getHandlers().keys()]).toEqual(['entry-released']);
  });
});

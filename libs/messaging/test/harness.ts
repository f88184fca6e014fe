import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { systemClock } from '@tieout/clock';
import { EVENT_TYPES, eventSubject, type EventType } from '@tieout/contracts';
import type { INestMicroservice } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { JetStreamStrategy, NatsLink, type JetStreamStrategyOptions, type OutgoingEvent } from '../src/index.js';

/** Resolves when the condition holds; the test's own time limit ends a wait in vain. */
export async function until(condition: () => boolean | Promise<boolean>, what: string, limitMs = 20_000): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`waited ${limitMs} ms in vain for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export const releasedBody = (n: number, over: Record<string, unknown> = {}) => ({
  connection: 'psa',
  recordKey: `time.csv:${n}`,
  where: 'hours',
  why: 'not a number',
  receivedAt: '2026-11-23T09:00:00.000Z',
  ...over,
});

/** A refused source record: the smallest event there is. */
export const event = (
  n: number,
  body: unknown = releasedBody(n),
  type: EventType = EVENT_TYPES.recordRefused,
): OutgoingEvent => ({
  eventId: randomUUID(),
  emission: 1,
  type,
  subject: eventSubject(type, 'US01'),
  producer: 'time',
  time: '2026-11-23T09:00:00.000Z',
  bucket: 29_000_000,
  body,
});

export interface Service {
  readonly strategy: JetStreamStrategy;
  readonly link: NatsLink;
  stop(): Promise<void>;
}

/** A Nest microservice with these consumers, as service-kit makes one. */
export const startService = (url: string, name: string, ...controllers: (new () => object)[]): Promise<Service> =>
  startServiceWith({}, url, name, ...controllers);

export async function startServiceWith(
  more: Partial<JetStreamStrategyOptions>,
  url: string,
  name: string,
  ...controllers: (new () => object)[]
): Promise<Service> {
  class TestModule {}
  Module({ controllers })(TestModule);
  const link = new NatsLink({ servers: url, name });
  const strategy = new JetStreamStrategy({ link, service: name, clock: systemClock, ...more });
  const app: INestMicroservice = await NestFactory.createMicroservice(TestModule, { strategy, logger: false });
  await app.listen();
  const stop = async (): Promise<void> => {
    await app.close();
    await link.close();
  };
  return { strategy, link, stop };
}

import 'reflect-metadata';
import { startNats, type RunningNats } from '@tieout/local-servers';
import { Controller, Module, type INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  Ctx,
  MessagePattern,
  NatsContext,
  Payload,
  RpcException,
  Transport,
  type MicroserviceOptions,
} from '@nestjs/microservices';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AnswerProblem, NatsLink, Questions } from '../src/index.js';

@Controller()
class Answers {
  @MessagePattern('qry.time.echo.v1')
  echo(@Payload() body: unknown): unknown {
    return { body };
  }
  @MessagePattern<string>('qry.time.headers.v1')
  headers(@Ctx() context: NatsContext): unknown {
    return { subject: context.getSubject() };
  }
  @MessagePattern('cmd.time.refuse.v1')
  refuse(): never {
    throw new RpcException({ status: 409, title: 'Period closed', detail: 'DE01/2026-10', code: 'PERIOD_CLOSED' });
  }
  @MessagePattern('qry.time.never.v1')
  never(): Promise<never> {
    return new Promise(() => undefined);
  }
}
class AnswerModule {}
Module({ controllers: [Answers] })(AnswerModule);

let nats: RunningNats;
let link: NatsLink;
let app: INestMicroservice;
let questions: Questions;
beforeAll(async () => {
  nats = await startNats();
  link = new NatsLink({ servers: nats.url, name: 'asker' });
  await link.connect();
  questions = new Questions(link);
  app = await NestFactory.createMicroservice<MicroserviceOptions>(AnswerModule, {
    transport: Transport.NATS,
    options: { servers: [nats.url], queue: 'time' },
    logger: false,
  });
  await app.listen();
});
afterAll(async () => {
  await app.close();
  await link.close();
  await nats.stop();
});

it('asks in the envelope that Nest answers', async () => {
  expect(await questions.ask('qry.time.echo.v1', { buckets: [1, 2] })).toEqual({ body: { buckets: [1, 2] } });
  expect(await questions.ask('qry.time.headers.v1', {})).toEqual({ subject: 'qry.time.headers.v1' });
});

it('hands a refusal on with what to say to the caller', async () => {
  const refused = await questions.command('cmd.time.refuse.v1', {}).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(AnswerProblem);
  expect(refused).toMatchObject({ status: 409, title: 'Period closed', detail: 'DE01/2026-10', code: 'PERIOD_CLOSED' });
});

it('says Unavailable when nobody is there, and when nobody answers in time', async () => {
  const from = performance.now();
  await expect(questions.ask('qry.time.nobody.v1', {})).rejects.toMatchObject({ kind: 'Unavailable' });
  expect(performance.now() - from).toBeLessThan(2_000);
  await expect(questions.ask('qry.time.never.v1', {}, 100)).rejects.toMatchObject({ kind: 'Unavailable' });
});

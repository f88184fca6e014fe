import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory, Reflector } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Deprecated, DeprecationInterceptor, deprecationHeaders } from './deprecation.js';
import { Problem } from './problem.js';
import { ProblemFilter } from './problem-filter.js';

const whole = { since: '2026-11-01', until: '2027-05-31', instead: '/v2/old' };

@Deprecated(whole)
@Controller('old')
class OldController {
  @Get()
  list() {
    return [];
  }
  @Deprecated({ ...whole, until: '2026-12-31', instead: '/v2/one', info: 'https://docs.example/one' })
  @Get('one/:id')
  one() {
    return {};
  }
  @Get('problem')
  problem() {
    throw new Problem(409, 'no', 'No', 'Not now.', 'Later.');
  }
}

@Controller('new')
class NewController {
  @Get()
  list() {
    return [];
  }
}

@Module({ controllers: [OldController, NewController] })
class ProbeModule {}

const logged: string[] = [];
let app: NestFastifyApplication;

beforeAll(async () => {
  app = await NestFactory.create<NestFastifyApplication>(ProbeModule, new FastifyAdapter(), { logger: false });
  const logger = pino(
    { level: 'warn' },
    { write: (line: string) => void logged.push((JSON.parse(line) as { msg: string }).msg) },
  );
  app.useGlobalInterceptors(new DeprecationInterceptor(app.get(Reflector), logger));
  app.useGlobalFilters(new ProblemFilter(logger));
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
});
afterAll(() => app.close());

const headersOf = async (url: string) => {
  const { statusCode, headers } = await app.inject({ method: 'GET', url });
  return [statusCode, headers['deprecation'], headers['sunset'], headers['link']];
};

describe('a deprecated controller', () => {
  it('says since when, until when and what to use instead; with an error too', async () => {
    const expected = ['@1793491200', 'Tue, 01 Jun 2027 00:00:00 GMT', '</v2/old>; rel="successor-version"'];
    expect(await headersOf('/old')).toEqual([200, ...expected]);
    expect(await headersOf('/old/problem')).toEqual([409, ...expected]);
  });

  it('has handlers that say it otherwise', async () => {
    expect(await headersOf('/old/one/7')).toEqual([
      200,
      '@1793491200',
      'Fri, 01 Jan 2027 00:00:00 GMT',
      '</v2/one>; rel="successor-version", <https://docs.example/one>; rel="deprecation"',
    ]);
  });

  it('is logged once per handler, without the values in its path', async () => {
    await headersOf('/old/one/8');
    expect(logged.filter((text) => text.includes('/old/one'))).toEqual([
      'GET /old/one/:id is still used; it ends after 2026-12-31: /v2/one',
    ]);
  });
});

it('others say nothing', async () => {
  expect(await headersOf('/new')).toEqual([200, undefined, undefined, undefined]);
});

it('a date that is none is a bug', () => {
  expect(() => deprecationHeaders({ ...whole, until: 'soon' })).toThrow('"soon"');
});

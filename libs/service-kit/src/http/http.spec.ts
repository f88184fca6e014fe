import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Body, Controller, Get, Module, Post, Req } from '@nestjs/common';
import { NestFactory, Reflector } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Fault } from '@tieout/model';
import { testIssuer, type TestIssuer } from '@tieout/testing';
import { IsInt, IsString } from 'class-validator';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ActorOf, Public, Roles, type Actor } from './access.js';
import { JwtGuard } from './jwt-guard.js';
import { Problem } from './problem.js';
import { ProblemFilter } from './problem-filter.js';
import { TokenVerifier } from './token-verifier.js';
import { createValidationPipe } from './validation.js';

class Retry {
  @IsString() postingKey: string;
  @IsInt() times: number;
}

@Controller()
class ProbeController {
  @Get('who') who(@ActorOf() actor: Actor) {
    return { actor };
  }
  @Roles('operator', 'platform')
  @Get('operators')
  operators() {
    return {};
  }
  @Public()
  @Post('webhook')
  webhook(@Req() request: { rawBody?: Buffer }) {
    return { raw: request.rawBody?.toString() };
  }
  @Public()
  @Post('retry')
  retry(@Body() body: Retry) {
    return body;
  }
  @Public()
  @Get('problem')
  problem() {
    throw new Problem(409, 'already-open', 'A case is open', 'Case 7 is open.', 'Close it first.');
  }
  @Public()
  @Get('fault')
  fault() {
    throw new Fault('RateLimited', 'http://erp.internal/secret-path said 429', { retryAfterMs: 1_500 });
  }
  @Public()
  @Get('bug')
  bug() {
    throw new Error('password=hunter2');
  }
}

@Module({ controllers: [ProbeController] })
class ProbeModule {}

let issuer: TestIssuer;
let app: NestFastifyApplication;
const logged: string[] = [];

async function startApp(tokens: TokenVerifier): Promise<NestFastifyApplication> {
  const created = await NestFactory.create<NestFastifyApplication>(ProbeModule, new FastifyAdapter({ bodyLimit: 1_000 }), {
    logger: false,
    rawBody: true,
  });
  created.useGlobalGuards(new JwtGuard(created.get(Reflector), tokens));
  created.useGlobalPipes(createValidationPipe());
  created.useGlobalFilters(new ProblemFilter(pino({ level: 'warn' }, { write: (line: string) => void logged.push(line) })));
  await created.init();
  await created.getHttpAdapter().getInstance().ready();
  return created;
}

beforeAll(async () => {
  issuer = await testIssuer();
  app = await startApp(new TokenVerifier({ issuer: issuer.issuer, audience: 'tieout' }));
});
afterAll(async () => {
  await app.close();
  await issuer.stop();
});

const get = async (url: string, token?: string) => {
  const answer = await app.inject({
    method: 'GET',
    url,
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  });
  return { status: answer.statusCode, type: answer.headers['content-type'], headers: answer.headers, body: answer.json() };
};
const post = async (url: string, payload: string, contentType = 'application/json') => {
  const answer = await app.inject({ method: 'POST', url, headers: { 'content-type': contentType }, payload });
  return { status: answer.statusCode, body: answer.json() };
};

describe('HTTP denies by default', () => {
  it('refuses whoever has no token, and says how to get in', async () => {
    const { status, type, headers, body } = await get('/who');
    expect([status, type, headers['www-authenticate']]).toEqual([401, 'application/problem+json; charset=utf-8', 'Bearer']);
    expect(body).toMatchObject({
      type: 'urn:tieout:problem:no-token',
      status: 401,
      instance: '/who',
      whatToDo: expect.stringContaining(issuer.issuer),
    });
  });

  it('knows the actor: a user by subject, a service by client', async () => {
    expect((await get('/who', await issuer.token({ subject: 'u1', roles: ['finance'] }))).body).toEqual({ actor: 'user:u1' });
    const token = await issuer.token({ subject: 'robot', roles: ['service'], claims: { client_id: 'robot' } });
    expect((await get('/who', token)).body).toEqual({ actor: 'service:robot' });
    const onBehalf = await issuer.token({ subject: 'u1', roles: ['finance'], claims: { client_id: 'console' } });
    expect((await get('/who', onBehalf)).body).toEqual({ actor: 'user:u1' });
  });

  it.each([
    ['expired', () => issuer.token({ roles: ['operator'], expiresIn: -60 }), 'The token has expired.'],
    ['meant for somebody else', () => issuer.token({ roles: ['operator'], audience: 'payroll' }), 'The claim "aud"'],
    ['signed by another key', () => issuer.forgedToken({ roles: ['operator'] }), 'not signed by a key'],
    ['not a token', () => Promise.resolve('abc'), 'not a JWT'],
    [
      'unsigned',
      () =>
        Promise.resolve(
          `${btoa('{"alg":"none"}').replaceAll('=', '')}.${btoa('{"sub":"x","roles":["operator"]}').replaceAll('=', '')}.`,
        ),
      'not a JWT',
    ],
  ])('refuses a token that is %s', async (_, token, why) => {
    const { status, body } = await get('/who', await token());
    expect([status, body.code]).toEqual([401, 'token-refused']);
    expect(body.detail).toContain(why);
  });

  it('lets in by role', async () => {
    expect((await get('/operators', await issuer.token({ roles: ['operator'] }))).status).toBe(200);
    const refused = await get('/operators', await issuer.token({ subject: 'u2', roles: ['auditor'] }));
    expect([refused.status, refused.body.code]).toEqual([403, 'role-missing']);
    expect(refused.body.detail).toBe('user:u2 has the roles auditor; this needs one of operator, platform.');
    expect((await get('/who', await issuer.token({ roles: ['guest'] }))).status).toBe(403);
  });

  it('answers 401 while the identity provider is away, and works once it is there', async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    let away = true;
    const provider = createServer((request, response) => {
      const documents = {
        '/.well-known/openid-configuration': { issuer: address, jwks_uri: `${address}/jwks` },
        '/jwks': { keys: [{ ...jwk, kid: 'one' }] },
      } as Record<string, unknown>;
      response.writeHead(away ? 503 : 200).end(JSON.stringify(documents[request.url ?? '']));
    }).listen(0, '127.0.0.1');
    await once(provider, 'listening');
    const jwk = await exportJWK(publicKey);
    const address = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
    const unsigned = new SignJWT({ roles: ['finance'] }).setProtectedHeader({ alg: 'ES256', kid: 'one' });
    const token = await unsigned
      .setIssuer(address)
      .setAudience('tieout')
      .setSubject('u3')
      .setExpirationTime('1m')
      .sign(privateKey);
    const tokens = new TokenVerifier({ issuer: address, audience: 'tieout', retryMs: 0 });

    const refused = await tokens.verify(`Bearer ${token}`).catch((error: unknown) => error as Problem);
    expect(refused).toMatchObject({ status: 401, code: 'identity-provider-away', detail: expect.stringContaining(address) });
    away = false;
    expect(await tokens.verify(`Bearer ${token}`)).toEqual({ actor: 'user:u3', roles: ['finance'] });
    provider.close();
  });
});

describe('problems', () => {
  it('of our own go out as they are', async () => {
    expect((await get('/problem')).body).toEqual({
      type: 'urn:tieout:problem:already-open',
      title: 'A case is open',
      status: 409,
      detail: 'Case 7 is open.',
      code: 'already-open',
      whatToDo: 'Close it first.',
      instance: '/problem',
    });
  });

  it('from a fault say what to do, not where the other system is', async () => {
    const { status, headers, body } = await get('/fault');
    expect([status, headers['retry-after'], body.code]).toEqual([503, '2', 'rate-limited']);
    expect(JSON.stringify(body)).not.toContain('erp.internal');
  });

  it('from a bug tell the caller nothing and the log everything', async () => {
    const { status, body } = await get('/bug');
    expect([status, body.code]).toEqual([500, 'internal']);
    expect(JSON.stringify(body)).not.toMatch(/hunter2|stack|\.ts/);
    expect(logged.join()).toContain('hunter2');
  });

  it('name every wrong field of a body', async () => {
    const { status, body } = await post('/retry', '{"times":1.5}');
    expect([status, body.code]).toEqual([400, 'invalid-request']);
    expect(body.errors.map(({ where }: { where: string }) => where)).toEqual(['postingKey', 'times']);
  });

  it.each([
    ['no such path', () => get('/nothing'), 404],
    ['a body that is no JSON', () => post('/retry', '{"times":'), 400],
    ['a body too large', () => post('/retry', JSON.stringify({ postingKey: 'x'.repeat(2_000) })), 413],
    ['a media type not taken', () => post('/retry', '<a/>', 'text/xml'), 415],
  ])('answer %s', async (_, request, status) => {
    const answer = await request();
    expect([answer.status, answer.body.status, answer.body.code]).toEqual([status, status, `http-${status}`]);
  });
});

it('keeps the raw body of a webhook, for its signature', async () => {
  expect((await post('/webhook', '{ "a" :1}')).body).toEqual({ raw: '{ "a" :1}' });
});

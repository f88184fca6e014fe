import { createServer } from 'node:http';
import { generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Cleanup } from '../cleanup.js';

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const HOURS = 3_600;

/** An OpenID issuer reduced to what verifying a token needs, and a token of a service. */
export const startIssuer = async (cleanup: Cleanup): Promise<{ readonly issuer: string; readonly bearer: string }> => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const keys = [{ ...publicKey.export({ format: 'jwk' }), kid: 'bench', alg: 'RS256', use: 'sig' }];
  const server = createServer((request, response) => {
    const documents: Readonly<Record<string, object>> = {
      '/.well-known/openid-configuration': { issuer, jwks_uri: `${issuer}/jwks` },
      '/jwks': { keys },
    };
    const document = documents[request.url ?? ''];
    response.writeHead(document ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(document ?? {}));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanup.defer(async () => void server.close());
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const now = Math.floor(Date.now() / 1_000);
  const claims = {
    iss: issuer,
    sub: 'portal',
    client_id: 'portal',
    aud: 'tieout',
    roles: ['service'],
    iat: now,
    exp: now + HOURS,
  };
  const text = `${encoded({ alg: 'RS256', kid: 'bench' })}.${encoded(claims)}`;
  return { issuer, bearer: `Bearer ${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}` };
};

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type JWTPayload } from 'jose';

export interface TokenRequest {
  subject?: string;
  roles?: readonly string[];
  audience?: string;
  /** Seconds from now; negative makes an expired token. */
  expiresIn?: number;
  claims?: JWTPayload;
}

export interface TestIssuer {
  /** For OIDC_ISSUER. */
  issuer: string;
  token(request?: TokenRequest): Promise<string>;
  /** A token that looks right but is signed with a key that is not in the key set. */
  forgedToken(request?: TokenRequest): Promise<string>;
  stop(): Promise<void>;
}

const KEY_ID = 'test';

type PrivateKey = Awaited<ReturnType<typeof generateKeyPair>>['privateKey'];

/** An OpenID issuer reduced to what verifying a token needs: discovery and a key set, on 127.0.0.1. */
export async function testIssuer(): Promise<TestIssuer> {
  const [ours, strange] = await Promise.all([generateKeyPair('RS256'), generateKeyPair('RS256')]);
  const keySet = { keys: [{ ...(await exportJWK(ours.publicKey)), kid: KEY_ID, alg: 'RS256', use: 'sig' }] };
  const server = createServer((request, response) => {
    const documents: Record<string, unknown> = {
      '/.well-known/openid-configuration': { issuer, jwks_uri: `${issuer}/jwks`, token_endpoint: `${issuer}/token` },
      '/jwks': keySet,
    };
    const document = documents[request.url ?? ''];
    response.writeHead(document ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(document ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const sign = (key: PrivateKey, request: TokenRequest = {}) =>
    new SignJWT({ roles: [...(request.roles ?? [])], ...request.claims })
      .setProtectedHeader({ alg: 'RS256', kid: KEY_ID })
      .setIssuer(issuer)
      .setSubject(request.subject ?? 'test-user')
      .setAudience(request.audience ?? 'tieout')
      .setIssuedAt()
      .setExpirationTime(Math.floor(Date.now() / 1000) + (request.expiresIn ?? 300))
      .sign(key);

  return {
    issuer,
    token: (request) => sign(ours.privateKey, request),
    forgedToken: (request) => sign(strange.privateKey, request),
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

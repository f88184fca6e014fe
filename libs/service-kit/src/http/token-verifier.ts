import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload, type RemoteJWKSet } from 'jose';
import { ROLES, type Caller, type Role } from './access.js';
import { Problem } from './problem.js';

export interface TokenVerifierOptions {
  readonly issuer: string;
  readonly audience: string;
  /** How long not to ask again for the provider's description after it could not be had. */
  readonly retryMs?: number;
}

interface Provider {
  readonly issuer: string;
  readonly keys: RemoteJWKSet;
}

const FETCH_TIMEOUT_MS = 3_000;
// Public keys only: with a symmetric algorithm whoever can verify could also sign.
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'];
const CHALLENGE = { 'www-authenticate': 'Bearer' };

const withoutSlash = (url: string): string => url.replace(/\/+$/, '');

const refused = (why: string): Problem =>
  new Problem(
    401,
    'token-refused',
    'Not signed in',
    why,
    'Fetch a new access token for this service and send it as "Authorization: Bearer".',
    [],
    {
      'www-authenticate': 'Bearer error="invalid_token"',
    },
  );

/** Verifies access tokens against the keys of an OpenID provider, which may be away when the service starts and later. */
export class TokenVerifier {
  #provider: Provider | undefined;
  #loading: Promise<Provider> | undefined;
  #notBefore = 0;

  constructor(private readonly options: TokenVerifierOptions) {}

  /** Fetches the provider's keys in advance. Answers why it could not; verify() tries again. */
  warmUp(): Promise<string | undefined> {
    return this.#load().then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
  }

  /** @throws Problem 401 that says why. */
  async verify(authorization: string | undefined): Promise<Caller> {
    const token = /^Bearer ([^ ]+)$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) {
      const whatToDo = `Send an access token of ${this.options.issuer} as "Authorization: Bearer <token>".`;
      throw new Problem(401, 'no-token', 'Not signed in', 'The request carries no bearer token.', whatToDo, [], CHALLENGE);
    }
    const provider = await this.#load().catch(() => {
      throw this.#providerAway();
    });
    try {
      const { payload } = await jwtVerify(token, provider.keys, {
        issuer: provider.issuer,
        audience: this.options.audience,
        algorithms: ALGORITHMS,
        requiredClaims: ['exp', 'sub'],
        clockTolerance: 5,
      });
      return callerOf(payload);
    } catch (error) {
      throw this.#whyRefused(error);
    }
  }

  #load(): Promise<Provider> {
    if (this.#provider !== undefined) return Promise.resolve(this.#provider);
    if (this.#loading === undefined) {
      // Without the pause every request of an outage would become a request to the provider that is down.
      if (Date.now() < this.#notBefore) return Promise.reject(new Error('asked a moment ago'));
      this.#loading = this.#discover()
        .then((provider) => (this.#provider = provider))
        .catch((error: unknown) => {
          this.#notBefore = Date.now() + (this.options.retryMs ?? 1_000);
          throw error;
        })
        .finally(() => (this.#loading = undefined));
    }
    return this.#loading;
  }

  async #discover(): Promise<Provider> {
    const issuer = withoutSlash(this.options.issuer);
    const response = await fetch(`${issuer}/.well-known/openid-configuration`, { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) });
    const description = (await response.json()) as { issuer?: unknown; jwks_uri?: unknown };
    if (!response.ok || typeof description.issuer !== 'string' || typeof description.jwks_uri !== 'string')
      throw new Error(`${issuer} does not describe an OpenID provider`);
    // Otherwise whoever answers at the address could name an issuer of its own.
    if (withoutSlash(description.issuer) !== issuer) throw new Error(`the provider calls itself ${description.issuer}`);
    const keys = createRemoteJWKSet(new URL(description.jwks_uri), { timeoutDuration: FETCH_TIMEOUT_MS });
    await keys.reload();
    return { issuer: description.issuer, keys };
  }

  #providerAway(): Problem {
    const detail = `The identity provider ${this.options.issuer} cannot be reached, so no token can be verified.`;
    const whatToDo = 'Try again in a moment; operators: check OIDC_ISSUER and the provider.';
    return new Problem(401, 'identity-provider-away', 'Not signed in', detail, whatToDo, [], {
      ...CHALLENGE,
      'retry-after': '2',
    });
  }

  #whyRefused(error: unknown): Problem {
    if (error instanceof errors.JWTExpired) return refused('The token has expired.');
    if (error instanceof errors.JWTClaimValidationFailed)
      return refused(
        `The claim "${error.claim}" of the token is not acceptable: expected issuer ${this.options.issuer}, audience ${this.options.audience}, a subject and an expiry.`,
      );
    if (error instanceof errors.JWSSignatureVerificationFailed || error instanceof errors.JWKSNoMatchingKey)
      return refused('The token is not signed by a key of the identity provider.');
    if (error instanceof errors.JWTInvalid || error instanceof errors.JWSInvalid || error instanceof errors.JOSEAlgNotAllowed)
      return refused('The token is not a JWT signed with an accepted algorithm.');
    // What remains went wrong while fetching keys.
    return this.#providerAway();
  }
}

function callerOf(payload: JWTPayload): Caller {
  const client = [payload['client_id'], payload['azp']].find((value): value is string => typeof value === 'string');
  // A client that acts for itself is its own subject.
  const isService = client !== undefined && payload.sub === client;
  return { actor: isService ? `service:${client}` : `user:${payload.sub}`, roles: rolesOf(payload['roles']) };
}

function rolesOf(claim: unknown): Role[] {
  const names: unknown[] = Array.isArray(claim) ? claim : typeof claim === 'string' ? claim.split(' ') : [];
  return ROLES.filter((role) => names.includes(role));
}

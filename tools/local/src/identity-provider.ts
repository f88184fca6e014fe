// A real OpenID provider for local runs: the same tokens, keys and discovery that a firm's own provider gives.
import { Provider, type Configuration } from 'oidc-provider';
import { CLIENTS, PROGRAM, SIGN_IN_CLIENT } from './persons.js';

const AUDIENCE = 'tieout';
const { IDP_PORT: port, IDP_CLIENT_SECRET: clientSecret, IDP_SIGNING_KEY: signingKey } = process.env;
if (!port || !clientSecret || !signingKey) {
  console.error('IDP_PORT, IDP_CLIENT_SECRET and IDP_SIGNING_KEY are required: the local runner sets them');
  process.exit(78);
}

const ROLES: Readonly<Record<string, readonly string[]>> = CLIENTS;

const configuration: Configuration = {
  clients: Object.keys(ROLES).map((client_id) => ({
    client_id,
    client_secret: clientSecret,
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
    token_endpoint_auth_method: 'client_secret_post',
  })),
  jwks: { keys: [JSON.parse(signingKey)] },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => `urn:${AUDIENCE}`,
      getResourceServerInfo: () => ({
        scope: 'tieout',
        audience: AUDIENCE,
        accessTokenFormat: 'jwt',
        accessTokenTTL: 3600,
        jwt: { sign: { alg: 'RS256' } },
      }),
    },
  },
  formats: {
    customizers: {
      // A person's token is one that somebody got by signing in: its subject is the person, its client the page where that happened.
      jwt: (_context, { clientId }, { payload }) => {
        if (clientId !== PROGRAM) payload['client_id'] = SIGN_IN_CLIENT;
      },
    },
  },
  extraTokenClaims: (_context, { clientId }) => ({ roles: ROLES[clientId ?? ''] ?? [] }),
};

const provider = new Provider(`http://127.0.0.1:${port}`, configuration);
const server = provider.listen(Number(port), '127.0.0.1', () => console.log(`OpenID provider at http://127.0.0.1:${port}`));
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.once(signal, () => server.close(() => process.exit(0)).closeAllConnections());

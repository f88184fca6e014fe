import { EXIT } from './exit-codes.js';
import { Failure, wrongUse } from './failure.js';
import { clientSecretOf, type Profile } from './profile.js';

const TIMEOUT_MS = 10_000;

export interface Identity {
  readonly profile: Profile;
  /** Whom --as names: a client of the profile, or the beginning of one. */
  readonly as?: string | undefined;
  /** TIEOUT_TOKEN */
  readonly token?: string | undefined;
}

/** An access token of the person. @throws Failure */
export const signIn = async ({ profile, as, token }: Identity): Promise<string> => {
  if (token !== undefined && token !== '') {
    if (as !== undefined) throw wrongUse('--as does not go with TIEOUT_TOKEN: a token is one person', 'leave one of them out');
    return token;
  }
  if (profile.issuer === undefined)
    throw new Failure(
      EXIT.notSignedIn,
      'no-credentials',
      profile.file === undefined ? 'you are not signed in: there is no profile and no token' : `${profile.file} names no issuer`,
      'start Tieout here with "npm start", name a profile with --profile FILE, or set TIEOUT_TOKEN',
    );
  return tokenFrom(profile.issuer, clientNamed(profile, as), clientSecretOf(profile));
};

export const clientNamed = ({ clients, file }: Profile, as: string | undefined): string => {
  const [first] = clients;
  if (as === undefined && first !== undefined) return first;
  const exact = clients.filter((client) => client === as);
  const found = exact.length > 0 ? exact : clients.filter((client) => as !== undefined && client.startsWith(as));
  if (found.length === 1) return found[0]!;
  throw wrongUse(
    as === undefined ? `${file ?? 'the profile'} names no client` : `"${as}" is ${found.length === 0 ? 'nobody' : 'not clear'}`,
    clients.length === 0 ? 'set TIEOUT_TOKEN to an access token' : `use --as with one of ${clients.join(', ')}`,
  );
};

const tokenFrom = async (issuer: string, client: string, secret: string): Promise<string> => {
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: client,
      client_secret: secret,
      scope: 'tieout',
      resource: 'urn:tieout',
    }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch(() => {
    throw new Failure(
      EXIT.away,
      'identity-provider-away',
      `the identity provider ${issuer} cannot be reached`,
      'is Tieout running? "npm start" starts it here',
    );
  });
  const read = (await response.json().catch(() => ({}))) as { access_token?: unknown; error?: unknown };
  if (response.ok && typeof read.access_token === 'string') return read.access_token;
  throw new Failure(
    EXIT.notSignedIn,
    'sign-in-refused',
    `the identity provider ${issuer} gives ${client} no token (${response.status}${typeof read.error === 'string' ? `, ${read.error}` : ''})`,
    'the profile may be of an earlier start: start Tieout anew, or check the client with whoever runs the provider',
  );
};

import type { Person } from './persons.js';

/** Access tokens of the local provider by client credentials, renewed before they end. */
export const tokenSource = (issuer: string, clientSecret: string, person: Person = 'tieout-cli'): (() => Promise<string>) => {
  let token: { readonly value: string; readonly untilMs: number } | undefined;
  return async () => {
    if (token !== undefined && Date.now() < token.untilMs) return token.value;
    const response = await fetch(`${issuer}/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: person,
        client_secret: clientSecret,
        scope: 'tieout',
        resource: 'urn:tieout',
      }),
      signal: AbortSignal.timeout(5000),
    });
    if (!response.ok)
      throw new Error(`the OpenID provider at ${issuer} gives no token: ${response.status} ${await response.text()}`);
    const { access_token: value, expires_in: seconds } = (await response.json()) as { access_token: string; expires_in: number };
    token = { value, untilMs: Date.now() + (seconds - 60) * 1000 };
    return value;
  };
};

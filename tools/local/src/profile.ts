import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { CLIENTS } from './persons.js';
import type { Tieout } from './tieout.js';

/** What `npx tieout` reads: where everything is, and as whom one can sign in. It names the file with the secret, not the secret. */
export const writeProfile = ({ dataDir, environment, issuer, urls, services, keys }: Tieout): void => {
  const profile = {
    environment,
    issuer,
    services: Object.fromEntries(services.map((service) => [service, urls[service]])),
    clients: Object.keys(CLIENTS),
    secretFile: 'secrets.json',
    publicKeys: basename(keys.publicKeys),
  };
  writeFileSync(join(dataDir, 'cli.json'), `${JSON.stringify(profile, undefined, 2)}\n`);
};

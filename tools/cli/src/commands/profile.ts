import type { Command } from 'commander';
import { answer, facts, paragraphs, table } from '../answer.js';
import type { Call, Wire } from '../call.js';
import { SERVICES } from '../profile.js';

const HELP = `
A profile is a JSON file. "npm start" writes one for what it runs, .tieout/demo/cli.json. For another environment:

  {
    "environment": "production",
    "issuer": "https://id.example.com",
    "services": { "governance": "https://governance.tieout.example.com", "erp-posting": "https://..." },
    "clients": ["tieout-cli"],
    "secretFile": "secret.json",
    "publicKeys": "governance.pub.pem"
  }

secretFile holds {"clientSecret": "..."}; paths are relative to the profile. Without an issuer, or in a pipeline, set instead
  TIEOUT_TOKEN              an access token
  TIEOUT_URL_<SERVICE>      an address, for example TIEOUT_URL_ERP_POSTING; wins over the profile
  TIEOUT_PROFILE            the profile, where --profile is not given`;

export const profileCommands = (program: Command, wire: Wire): void => {
  wire(program.command('profile').description('where Tieout is, and who you may ask as').addHelpText('after', HELP), showProfile);
};

/** Shows no secret: only where one is. */
const showProfile = ({ api: { profile }, world }: Call) => {
  const json = { ...profile, token: world.env['TIEOUT_TOKEN'] ? 'from TIEOUT_TOKEN' : undefined };
  return answer(
    json,
    paragraphs(
      facts([
        ['profile', profile.file ?? 'none'],
        ['environment', profile.environment],
        ['identity provider', profile.issuer],
        ['token', json.token],
        ['secret', profile.secretFile],
        ['public keys', profile.publicKeys],
        ['people', profile.clients.join(', ')],
      ]),
      table(
        ['service', 'address'],
        SERVICES.map((service) => [service, profile.urls[service] ?? 'unknown']),
      ),
    ),
  );
};

import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { proposeChange, Refused, servicesUnder, type Tieout } from '@tieout/local';
import type { Check } from '../compare.js';
import type { Fault, World } from '../fault.js';
import { sayActivation } from '../forge.js';
import { changeConnections, REWORDING, rewordPolicy } from '../policy.js';

const CLOCK_OFF_MS = 600_000;
const REFUSED_WITHIN_MS = 20_000;
const LASTS_MS = 10_000;
/** More than any activation will ever have: the next real one must come through all the same. */
const OUT_OF_REACH = 1_000_000;

const policyOf = (tieout: Tieout) =>
  Promise.all(
    tieout.services.map((service) =>
      tieout.call<{ digest: string; refused?: string }>(service, 'GET', '/policy').catch(() => undefined),
    ),
  );

/** At the end every service decides by what governance says is active, and refuses nothing. */
const decideByTheActive = async ({ tieout }: World): Promise<Check[]> => {
  const { digest } = await tieout.call<{ digest: string }>('governance', 'GET', '/policy/active');
  const under = await servicesUnder(tieout, digest);
  const refusing = (await policyOf(tieout)).filter((policy) => policy?.refused !== undefined).length;
  const expected = tieout.services.length;
  return [
    {
      name: 'services that decide by the active bundle',
      ok: under.length === expected,
      expected,
      found: under.length,
      examples: [],
    },
    { name: 'services that refuse a bundle', ok: refusing === 0, expected: 0, found: refusing, examples: [] },
  ];
};

/** @throws Error when a service took it, or did not look */
const untilAllRefuse = async (tieout: Tieout, digest: string): Promise<void> => {
  for (const deadline = Date.now() + REFUSED_WITHIN_MS; ; await delay(200)) {
    const policies = await policyOf(tieout);
    const taken = policies.filter((policy) => policy !== undefined && policy.digest !== digest).length;
    if (taken > 0) throw new Error(`${taken} services took a bundle that they had to refuse`);
    if (policies.every((policy) => policy?.refused !== undefined)) return;
    if (Date.now() > deadline) throw new Error('not every service refused the bundle');
  }
};

const activeDigest = async (tieout: Tieout): Promise<string> =>
  (await tieout.call<{ digest: string }>('governance', 'GET', '/policy/active')).digest;

const reworded = async ({ tieout, say }: World): Promise<void> => {
  say(`people activate another bundle: ${(await rewordPolicy(tieout)).slice(0, 12)}`);
};

export const GOVERNANCE_FAULTS: readonly Fault[] = [
  {
    id: 'stream-deleted-governance',
    what: 'the stream GOVERNANCE is deleted; then the policy is changed',
    lastsMs: 0,
    strike: ({ tieout }) => tieout.nats.deleteStream('GOVERNANCE'),
    afterwards: reworded,
    also: decideByTheActive,
  },
  {
    id: 'forged-activation',
    what: 'somebody publishes another policy, signed with a key of his own, under a revision out of reach; then the policy is changed',
    lastsMs: LASTS_MS,
    strike: async ({ tieout }) => {
      const before = await activeDigest(tieout);
      const { privateKey } = generateKeyPairSync('ed25519');
      await sayActivation(tieout, privateKey, ({ revision, files }) => ({
        revision: revision + OUT_OF_REACH,
        files: files.map((file) => (file.name === 'slas.yaml' ? { ...file, text: file.text.replaceAll('P1D', 'P9D') } : file)),
      }));
      await untilAllRefuse(tieout, before);
    },
    afterwards: reworded,
    also: decideByTheActive,
  },
  {
    id: 'bad-bundle',
    what: 'a signed policy that no service can compile is active, until people activate another one',
    lastsMs: LASTS_MS,
    strike: async ({ tieout }) => {
      const before = await activeDigest(tieout);
      const key = createPrivateKey(readFileSync(tieout.keys.signingKey));
      await sayActivation(tieout, key, ({ revision, files }) => ({
        revision: revision + 1,
        digest: 'b'.repeat(64),
        files: files.map((file) => (file.name === 'routing.yaml' ? { ...file, text: 'routes: [\n' } : file)),
      }));
      await untilAllRefuse(tieout, before);
    },
    afterwards: reworded,
    also: decideByTheActive,
  },
  {
    id: 'clock-off-governance',
    what: 'the clock of governance is ten minutes fast: it changes nothing, and says so',
    lastsMs: 0,
    services: async () => ({ governance: { env: { CLOCK_OFFSET_MS: String(CLOCK_OFF_MS) } } }),
    strike: async ({ tieout }) => {
      const outcome = await proposeChange(tieout, REWORDING).catch((error: unknown) => error);
      if (!(outcome instanceof Refused) || outcome.code !== 'clock-disagrees')
        throw new Error(`governance changes the policy though its clock is wrong: ${String(outcome)}`);
    },
    also: decideByTheActive,
  },
  {
    id: 'policy-changed',
    what: 'the policy is changed in mid-work',
    lastsMs: 0,
    strike: reworded,
    also: decideByTheActive,
  },
  {
    id: 'connections-changed',
    what: 'the policy is changed in mid-work, and connections with it: every service is started anew',
    lastsMs: 0,
    strike: ({ tieout }) => changeConnections(tieout, (text) => text.replaceAll('pollEverySeconds: 5', 'pollEverySeconds: 4')),
    also: decideByTheActive,
  },
];

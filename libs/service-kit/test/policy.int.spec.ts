import { generateKeyPairSync, randomUUID } from 'node:crypto';
import type { PolicyActivatedV1 } from '@tieout/contracts';
import { jetstreamManager } from '@nats-io/jetstream';
import { migrate } from '@tieout/persistence';
import { eventually, testDatabase, testIssuer, testNats, type TestDatabase, type TestIssuer } from '@tieout/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BootProblem, startService, type RunningService } from '../src/index.js';
import { BUNDLE, digestOf, otherConnections, otherSlas, TestGovernance, textsOf, type Edit } from './governance.js';
import { PROBE } from './probe-service.js';

const SOON = { interval: 20_000 };
const OF_FOLDER = digestOf(textsOf());
const OTHER = digestOf(textsOf(otherSlas));
const broken: Edit = (texts) => {
  texts['routing.yaml'] = 'routes: [\n';
};

let issuer: TestIssuer;
let natsUrl: string;
let database: TestDatabase;
let governance: TestGovernance;
const running: RunningService[] = [];

beforeAll(async () => {
  [issuer, { url: natsUrl }] = await Promise.all([testIssuer(), testNats()]);
});
beforeEach(async () => {
  [database, governance] = await Promise.all([
    testDatabase((url) => migrate({ url, migrations: [] })),
    TestGovernance.start(natsUrl),
  ]);
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((service) => service.stop()));
  await Promise.all([governance.stop(), database.drop()]);
});
afterAll(() => issuer.stop());

async function start(more: Record<string, string> = {}): Promise<RunningService> {
  const service = await startService(PROBE, {
    DATABASE_URL: database.url,
    NATS_URL: natsUrl,
    HTTP_PORT: '0',
    OIDC_ISSUER: issuer.issuer,
    POLICY_DIR: BUNDLE,
    ENVIRONMENT: governance.environment,
    GOVERNANCE_PUBLIC_KEYS: governance.keysFile,
    LOG_LEVEL: 'silent',
    ...more,
  });
  running.push(service);
  return service;
}
async function started(more?: Record<string, string>): Promise<RunningService> {
  const service = await start(more);
  await eventually(async () => expect((await fetch(`${service.url}/health/ready`)).status).toBe(200), SOON.interval);
  return service;
}
async function stopped(service: RunningService): Promise<void> {
  running.splice(running.indexOf(service), 1);
  await service.stop();
}

const digestIn = (service: RunningService): string => service.runtime.policy.current().digest;
const untilDigest = (service: RunningService, digest: string) =>
  eventually(() => expect(digestIn(service)).toBe(digest), SOON.interval);
const conditions = (service: RunningService) =>
  service.runtime.database.query<{ type: string; body: { detail?: string; itemKey: string } }>(
    `select type, body from outbox where type like 'control.condition.%' order by id`,
  );
const untilRefused = (service: RunningService, why: RegExp) =>
  eventually(() => expect(service.runtime.policy.refused).toMatch(why), SOON.interval);

describe('the policy in force', () => {
  it('is that of POLICY_DIR until governance activates another, which comes into force without a restart', async () => {
    const service = await started();
    expect(digestIn(service)).toBe(OF_FOLDER);
    const changes: string[][] = [];
    service.runtime.policy.onChange((now, before) => void changes.push([before.digest, now.digest]));
    await governance.activate(1, otherSlas);
    await untilDigest(service, OTHER);
    expect(changes).toEqual([[OF_FOLDER, OTHER]]);
    const ready = (await (await fetch(`${service.url}/health/ready`)).json()) as { policy: object };
    expect(ready.policy).toEqual({ digest: OTHER, revision: 1 });
    const authorization = `Bearer ${await issuer.token({ roles: ['auditor'] })}`;
    const shown = await (await fetch(`${service.url}/policy`, { headers: { authorization } })).json();
    expect(shown).toMatchObject({ environment: governance.environment, digest: OTHER, source: 'governance', revision: 1 });
  });

  it('is in force before any work begins, in every replica', async () => {
    await governance.activate(1, otherSlas);
    const replicas = await Promise.all([started({ INSTANCE_ID: 'one' }), started({ INSTANCE_ID: 'two' })]);
    expect(replicas.map(digestIn)).toEqual([OTHER, OTHER]);
    const taken = await replicas[0]!.runtime.database.query(`select 1 from audit_record where action = 'policy.taken'`);
    expect(taken).toHaveLength(1);
  });

  it('is not asked of governance: a service starts with the last good one, also when the stream is gone', async () => {
    await governance.activate(1, otherSlas);
    const service = await started();
    await stopped(service);
    const { link } = service.runtime;
    expect(link.connected).toBe(false);
    const again = await start({ NATS_URL: 'nats://127.0.0.1:9' });
    expect(digestIn(again)).toBe(OTHER);
  });

  it('goes on after its stream was deleted, and takes the next activation from the new one', async () => {
    const service = await started();
    await governance.activate(1, otherSlas);
    await untilDigest(service, OTHER);
    const manager = await jetstreamManager(service.runtime.link.nc, { checkAPI: false });
    await manager.streams.delete('GOVERNANCE');
    await governance.activate(2);
    await untilDigest(service, OF_FOLDER);
    expect(service.runtime.policy.refused).toBeUndefined();
  });

  it('of an older revision that is said again changes nothing', async () => {
    const old = governance.signed(governance.activation(1));
    const service = await started();
    await governance.activate(2, otherSlas);
    await untilDigest(service, OTHER);
    await governance.say(old);
    await governance.activate(3, otherConnections);
    await service.startAnew;
    expect(digestIn(service)).toBe(OTHER);
    expect(service.runtime.policy.refused).toBeUndefined();
  });

  it('that changes connections has the service started anew, and is then in force from the start', async () => {
    const service = await started();
    await governance.activate(1, otherConnections);
    expect(await service.startAnew).toContain('changes connections');
    expect(digestIn(service)).toBe(OF_FOLDER);
    await stopped(service);
    const again = await start({ NATS_URL: 'nats://127.0.0.1:9' });
    expect(digestIn(again)).toBe(digestOf(textsOf(otherConnections)));
  });

  it('stays that of POLICY_DIR for whoever lacks the key of governance', async () => {
    await governance.activate(1, otherSlas);
    const service = await started({ GOVERNANCE_PUBLIC_KEYS: '' });
    expect(digestIn(service)).toBe(OF_FOLDER);
  });
});

describe('an activation that cannot be trusted or compiled', () => {
  const stranger = generateKeyPairSync('ed25519').privateKey;
  const forged: [what: string, make: () => object, why: RegExp][] = [
    ['is signed by another key', () => governance.signed(governance.activation(2, otherSlas), stranger), /not signed by a key of governance/],
    ['carries no signature', () => ({ ...governance.activation(2, otherSlas), keyId: 'none', signature: 'none' }), /not signed/],
    ['lacks what the contract asks for', () => ({ environment: governance.environment, revision: 2 }), /contract governance.policy.activated.v1/],
    ['has another digest than its files', () => governance.signed(governance.activation(2, otherSlas, { digest: 'a'.repeat(64) })), /reads the digest/],
    ['had its files changed', () => ({ ...governance.signed(governance.activation(2)), files: governance.activation(2, otherSlas).files }), /not signed/],
    ['lies in the future', () => governance.signed(governance.activation(2, otherSlas, { activatedAt: new Date(Date.now() + 360_000).toISOString() })), /more than five minutes/],
    ['is of another environment', () => governance.signed(governance.activation(2, otherSlas, { environment: 'production' })), /belongs to the environment/],
    ['does not compile', () => governance.signed(governance.activation(2, broken, { digest: 'b'.repeat(64) })), /cannot compile it: routing.yaml:/],
    ['came under a revision that another one had', () => governance.signed(governance.activation(1, otherSlas)), /under the same revision/],
  ]; // prettier-ignore

  it.each(forged)('%s: refused, the last good one stays, and a person is asked until the next good one', async (_, make, why) => {
    await governance.activate(1);
    const service = await started();
    expect(service.runtime.policy.origin).toMatchObject({ revision: 1 });
    await governance.say(make());
    await untilRefused(service, why);
    expect(digestIn(service)).toBe(OF_FOLDER);
    const ready = await fetch(`${service.url}/health/ready`);
    expect(ready.status).toBe(200);
    expect(await ready.json()).toMatchObject({ policy: { digest: OF_FOLDER, revision: 1, refused: true } });
    await eventually(async () => expect(await conditions(service)).toHaveLength(1));
    const itemKey = `policy-refused:exception:${governance.environment}`;
    expect(await conditions(service)).toMatchObject([
      { type: 'control.condition.raised.v1', body: { itemKey, detail: expect.stringMatching(why) as string } },
    ]);
    await governance.activate(3, otherSlas);
    await untilDigest(service, OTHER);
    await eventually(async () =>
      expect(await conditions(service)).toMatchObject([{}, { type: 'control.condition.cleared.v1', body: { itemKey } }]),
    );
    expect(service.runtime.policy.refused).toBeUndefined();
  });

  it('is refused by the service that starts, too: it starts with what it has', async () => {
    await governance.say(governance.signed(governance.activation(7, otherSlas), stranger));
    const service = await started();
    await untilRefused(service, /not signed/);
    expect(digestIn(service)).toBe(OF_FOLDER);
  });

  it('by a clock that was wrong is taken once it is right', async () => {
    const activation = governance.signed(governance.activation(1, otherSlas));
    await governance.say(activation);
    const slow = await started({ CLOCK_OFFSET_MS: '-600000' });
    await untilRefused(slow, /more than five minutes/);
    await stopped(slow);
    const right = await started();
    expect(digestIn(right)).toBe(OTHER);
    expect(right.runtime.policy.refused).toBeUndefined();
  });

  it('that was changed in the service’s own database does not count', async () => {
    await governance.activate(1, otherSlas);
    const service = await started();
    await service.runtime.database.query(
      `update policy_in_force set activation = jsonb_set(activation, '{activatedBy}', '"user:mallory"')`,
    );
    await stopped(service);
    const again = await start({ NATS_URL: 'nats://127.0.0.1:9' });
    expect(digestIn(again)).toBe(OF_FOLDER);
  });
});

describe('a bundle whose connections this service cannot open', () => {
  const CANNOT = { ...PROBE, module: (runtime: RunningService['runtime']) => refusing(runtime) };
  const { module } = PROBE;
  const refusing = (runtime: RunningService['runtime']) => {
    if (digestIn({ runtime } as RunningService) === OF_FOLDER) return module(runtime);
    throw new BootProblem(['connection "psa" (connections.yaml): setting "key": it is not set']);
  };

  it('does not stop it: it starts with what was before, and says why', async () => {
    const first = await started();
    await governance.activate(1, otherConnections);
    await first.startAnew;
    await stopped(first);
    const service = await startService(CANNOT, {
      DATABASE_URL: database.url,
      NATS_URL: natsUrl,
      HTTP_PORT: '0',
      OIDC_ISSUER: issuer.issuer,
      POLICY_DIR: BUNDLE,
      ENVIRONMENT: governance.environment,
      GOVERNANCE_PUBLIC_KEYS: governance.keysFile,
      LOG_LEVEL: 'silent',
    });
    running.push(service);
    await untilRefused(service, /revision 1 .* connection "psa" .* it is not set/);
    expect(digestIn(service)).toBe(OF_FOLDER);
  });
});

it('names of environments are told apart', async () => {
  const other: PolicyActivatedV1 = governance.signed(governance.activation(1, otherSlas, { environment: randomUUID() }));
  await governance.say(other, other.environment);
  const service = await started();
  expect(digestIn(service)).toBe(OF_FOLDER);
});

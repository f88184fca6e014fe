import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ID, OTHER } from '../../test/answers.js';
import { eachCommand } from '../../test/each-command.js';
import { FakeServices, problem } from '../../test/fake-services.js';

const onboarding = {
  onboardingId: ID,
  request: {
    legalEntity: { code: 'FR01', name: 'Pont SA', currency: 'EUR', timeZone: 'Europe/Paris', region: 'EMEA' },
    connections: {},
    goLive: '2027-02-01',
  },
  bundleId: OTHER,
  baseDigest: 'a'.repeat(64),
  notes: ['accounts.yaml: FR01 has no account for intercompany'],
  startedBy: 'user:ana',
  startedAt: '2026-11-23T12:00:00.000Z',
};
const steps = [
  { no: 1, name: 'bundle', state: 'machine', findings: ['the bundle is a draft'], whatToDo: 'Advance proposes it.' },
  { no: 2, name: 'connections', state: 'waits', findings: [] },
];
const shown = { ...onboarding, steps, next: { kind: 'propose' } };
const over = { ...onboarding, notes: [], steps: [{ ...steps[0], state: 'done' }], next: null };
const BASE = 'governance/onboardings';

eachCommand('onboard', [
  ['onboard list', { [`GET ${BASE}?limit=50`]: { items: [onboarding] } }],
  [`onboard show ${ID}`, { [`GET ${BASE}/${ID}`]: shown }],
  [
    `onboard advance ${ID}`,
    { [`POST ${BASE}/${ID}/advance`]: { ...shown, next: { kind: 'lock', feed: 'posting', destination: 'erp-fr' } } },
  ],
  [
    `onboard advance ${ID}`,
    { [`POST ${BASE}/${ID}/advance`]: problem(409, 'nothing-to-advance', { detail: 'Step 1, bundle: approvals missing.' }) },
    3,
  ],
  [`onboard attach ${ID} --bundle ${OTHER}`, { [`POST ${BASE}/${ID}/bundle`]: over }],
]);

let services: FakeServices;
let folder: string;
beforeAll(async () => {
  services = await FakeServices.start();
  folder = mkdtempSync(join(tmpdir(), 'tieout-cli-'));
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await services.stop();
});
const start = (content: string) => {
  writeFileSync(join(folder, 'fr.yaml'), content);
  return services.tieout(['onboard', 'start', 'fr.yaml'], { [`POST ${BASE}`]: shown }, services.env, folder);
};

it('onboard start sends what stands in the file, in YAML or JSON, dates as text', async () => {
  const sent = { legalEntity: { code: 'FR01' }, goLive: '2027-02-01' };
  for (const content of ['legalEntity: { code: FR01 }\ngoLive: 2027-02-01\n', JSON.stringify(sent)]) {
    const { code, asked, out } = await start(content);
    expect([code, asked]).toEqual([0, [`POST ${BASE} ${JSON.stringify(sent)}`]]);
    expect(out).toContain(`npx tieout onboard advance ${ID}`);
  }
});

it.each([
  ['a: [', 'cannot be read'],
  ['- a', 'holds no onboarding'],
])('onboard start of %j: exit 2', async (content, why) => {
  const { code, err, asked } = await start(content);
  expect([code, asked, err]).toEqual([2, [], expect.stringContaining(why)]);
});

it('onboard start without the file: exit 2', async () => {
  const { code, err } = await services.tieout(['onboard', 'start', 'none.yaml'], {}, services.env, folder);
  expect([code, err]).toEqual([2, expect.stringContaining('it is not there')]);
});

import { activation, bundle, DIGEST, emergency, ID, OTHER } from '../../test/answers.js';
import { eachCommand } from '../../test/each-command.js';
import { problem } from '../../test/fake-services.js';

const BUNDLES = 'governance/policy/bundles';
const approvals = [{ actor: 'user:sam', role: 'service-operations', digest: DIGEST, at: '2026-11-23T09:30:00.000Z' }];
const half = bundle({ approvals, missing: [{ part: 'calendars', role: 'finance' }] });
const whole = bundle({ state: 'approved', approvals, missing: [] });
const draft = bundle({ state: 'draft', proposal: null, needed: [], missing: [], problems: [] });

eachCommand('policy, looked at', [
  ['policy list', { [`GET ${BUNDLES}?limit=50`]: { items: [bundle(), bundle({ overtaken: true }), draft] } }],
  ['policy list --state approved --limit 5', { [`GET ${BUNDLES}?state=approved&limit=5`]: { items: [] } }],
  [`policy show ${ID}`, { [`GET ${BUNDLES}/${ID}`]: { ...half, files: [{ name: 'validation.yaml', text: 'x' }] } }],
  [
    `policy diff ${ID} --against ${OTHER}`,
    {
      [`GET ${BUNDLES}/${ID}/diff?against=${OTHER}`]: {
        bundleId: ID,
        against: OTHER,
        parts: ['validation'],
        files: [
          { name: 'validation.yaml', diff: '--- a/validation.yaml\n+++ b/validation.yaml\n@@ -1 +1 @@\n-grace: 7\n+grace: 14\n' },
        ],
      },
    },
    1,
  ],
  [`policy diff ${ID}`, { [`GET ${BUNDLES}/${ID}/diff`]: { bundleId: ID, against: OTHER, parts: [], files: [] } }],
  ['policy active', { 'GET governance/policy/active': { environment: 'test', ...activation(emergency) } }],
  [
    'policy history',
    {
      'GET governance/policy/activations': {
        items: [
          activation(emergency),
          activation({ revision: 6, ...emergency, review: { by: 'user:eve', at: '2026-11-24T08:00:00.000Z', note: 'fine' } }),
        ],
      },
    },
  ],
]);

eachCommand('policy, changed', [
  [
    `policy propose ${ID} --title 'Grace of 14 days' --effective-from 2026-12-01 --emergency 'payroll is blocked'`,
    { [`GET ${BUNDLES}/${ID}`]: draft, [`POST ${BUNDLES}/${ID}/propose`]: bundle() },
  ],
  [
    `policy approve ${ID} --role service-operations --note 'looked at the plan'`,
    { [`GET ${BUNDLES}/${ID}`]: bundle(), [`POST ${BUNDLES}/${ID}/approve`]: half },
  ],
  [
    `policy approve ${ID} --digest ${DIGEST.slice(0, 12)}`,
    { [`GET ${BUNDLES}/${ID}`]: bundle(), [`POST ${BUNDLES}/${ID}/approve`]: whole },
  ],
  [`policy approve ${ID} --digest abcdef`, { [`GET ${BUNDLES}/${ID}`]: bundle() }, 2],
  [
    `policy approve ${ID}`,
    {
      [`GET ${BUNDLES}/${ID}`]: bundle(),
      [`POST ${BUNDLES}/${ID}/approve`]: problem(403, 'self-approval', {
        title: 'Nobody approves a change of their own',
        detail: 'user:ana wrote or proposed it.',
      }),
    },
    3,
  ],
  [
    `policy reject ${ID} --why 'too long'`,
    {
      [`POST ${BUNDLES}/${ID}/reject`]: bundle({
        state: 'rejected',
        missing: [],
        closing: { at: '2026-11-23T11:00:00.000Z', by: 'user:fay', why: 'too long' },
      }),
    },
  ],
  [
    `policy withdraw ${ID} --why 'never mind'`,
    { [`POST ${BUNDLES}/${ID}/withdraw`]: bundle({ state: 'withdrawn', missing: [] }) },
  ],
  [`policy activate ${ID}`, { [`POST ${BUNDLES}/${ID}/activate`]: activation() }],
  [`policy activate ${ID} --emergency 'payroll is blocked'`, { [`POST ${BUNDLES}/${ID}/activate`]: activation(emergency) }],
  [
    `policy rollback --to ${OTHER} --why 'it holds too much'`,
    { 'POST governance/policy/rollback': activation({ cause: 'rollback' }) },
  ],
  [
    `policy review 7 --note 'right, and not to be repeated'`,
    {
      'POST governance/policy/activations/7/review': activation({
        ...emergency,
        review: { by: 'user:eve', at: '2026-11-24T08:00:00.000Z', note: 'right' },
      }),
    },
  ],
]);

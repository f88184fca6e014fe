import { ID, OTHER, request } from '../../test/answers.js';
import { eachCommand } from '../../test/each-command.js';
import { problem } from '../../test/fake-services.js';

const difference = (more: object = {}): object => ({
  differenceId: ID,
  differenceKey: `erp-de|AMOUNT_DIFFERS|${OTHER}`,
  reason: 'AMOUNT_DIFFERS',
  destination: 'erp-de',
  legalEntityId: 'DE01',
  entryId: OTHER,
  detail: 'released 400 EUR, destination 399.50 EUR',
  hours: '8',
  amount: '399.50',
  currency: 'EUR',
  varianceHours: '0',
  varianceAmount: '0.5',
  foundAt: '2026-11-23T10:00:00.000Z',
  acceptedAt: null,
  acceptedBy: null,
  approvedBy: null,
  acceptedReason: null,
  ...more,
});
const accepted = difference({
  acceptedAt: '2026-11-23T11:00:00.000Z',
  acceptedBy: 'user:finn',
  approvedBy: 'user:fay',
  acceptedReason: 'written off',
});
const OPEN = 'GET reconciliation/differences?state=open';
const ACCEPTED = 'GET reconciliation/differences?state=accepted';

eachCommand('differences', [
  ['difference list', { [OPEN]: { items: [difference()] } }, 1],
  ['difference list', { [OPEN]: { items: [] } }],
  ['difference list --state accepted', { [ACCEPTED]: { items: [accepted] } }],
  ['difference list --state accepted', { [ACCEPTED]: { items: [] } }],
  [`difference accept --id ${ID} --reason 'written off'`, { [OPEN]: { items: [difference()] } }],
  [`difference accept --id ${ID},${OTHER} --reason 'written off'`, { [OPEN]: { items: [difference()] } }, 1],
  [
    `difference accept --id ${ID} --id ${ID} --reason 'written off' --yes`,
    { 'POST reconciliation/differences/accept': { accepted: 1, refused: [] } },
  ],
  [
    `difference accept --id ${ID},${OTHER} --reason 'written off' --yes`,
    { 'POST reconciliation/differences/accept': { accepted: 1, refused: [{ differenceId: OTHER, why: 'it is gone' }] } },
    1,
  ],
  [
    `difference accept --id ${ID} --reason 'the ERP is right' --yes`,
    {
      'POST reconciliation/differences/accept': problem(409, 'second-person-needed', {
        title: 'A second person must agree',
        detail: 'By policy (approvals.yaml, secondPerson) accept-difference of 1 lines, 250 EUR needs a second person.',
        subject: 'cmd.reconciliation.accept-difference.v1',
        command: { differenceIds: [ID], reason: 'the ERP is right' },
        size: { lines: 1, hours: '0', amounts: { EUR: '250' } },
      }),
      'POST governance/requests': request({ subject: 'cmd.reconciliation.accept-difference.v1' }),
    },
    6,
  ],
  [
    `difference accept --id ${ID} --reason 'written off' --yes`,
    { 'POST reconciliation/differences/accept': problem(403, 'role-missing') },
    3,
  ],
  [`difference reopen --id ${ID} --reason 'found the invoice'`, { [ACCEPTED]: { items: [accepted] } }],
  [
    `difference reopen --id ${ID} --reason 'found the invoice' --yes`,
    { 'POST reconciliation/differences/reopen': { reopened: 1, refused: [] } },
  ],
]);

import type { Command } from 'commander';
import { answer, facts, paragraphs, type Answer } from '../answer.js';
import { Api } from '../api.js';
import { text, type Call, type Wire } from '../call.js';
import { draftOf } from '../bundle-drafts.js';
import { wrongUse } from '../failure.js';
import { instant, uuid, wholeNumber } from '../options.js';
import { readProfile } from '../profile.js';
import { planCommand } from './policy-plan.js';
import { activationText, bundleText, partsText, type Activation, type Bundle } from './policy-text.js';

const ROLES = 'finance, payroll, operator, platform, enterprise-architecture or service-operations';

/** What changes the policy of an environment; each decision is a person's, and governance refuses whose it is not. */
export const policyChangeCommands = (policy: Command, wire: Wire): void => {
  wire(
    policy
      .command('propose')
      .description('make a draft of a folder and propose it; somebody else approves it')
      .argument('<folder|id>', 'folder of the bundle, or a draft that is there')
      .requiredOption('--title <text>', 'what it is for; the approvers read it')
      .option('--effective-from <instant>', 'becomes active by itself then, once approved', instant)
      .option('--emergency <reason>', 'why it cannot wait; it is reviewed afterwards'),
    propose,
  );
  planCommand(policy, wire);
  wire(
    decision(policy, 'approve', 'say yes to a bundle that somebody else proposed')
      .option('--digest <hex>', 'the digest that you looked at, or its beginning (default: what it is now)')
      .option('--role <role>', `the role to approve in (${ROLES}); default: the one of yours that is needed`)
      .option('--note <text>', 'for the audit'),
    approve,
  );
  for (const [verb, what] of [
    ['reject', 'say no to a bundle'],
    ['withdraw', 'take back what you proposed'],
  ] as const)
    wire(decision(policy, verb, what).requiredOption('--why <text>', 'why'), (call) => close(call, verb));
  wire(
    decision(policy, 'activate', 'bring an approved bundle into force now').option(
      '--emergency <reason>',
      'why it cannot wait for the end of a freeze; it is reviewed afterwards',
    ),
    activate,
  );
  wire(
    policy
      .command('rollback')
      .description('bring an older bundle back into force')
      .option('--to <id>', 'which one (default: the one before)', uuid)
      .requiredOption('--why <text>', 'why')
      .option('--emergency <reason>', 'why it cannot wait for the end of a freeze; it is reviewed afterwards'),
    rollback,
  );
  wire(
    policy
      .command('review')
      .description('say that you have looked at an emergency change of somebody else')
      .argument('<revision>', 'the activation', (value) => String(wholeNumber(1, 999_999_999)(value)))
      .requiredOption('--note <text>', 'what you found'),
    review,
  );
  wire(
    policy
      .command('promote')
      .description('propose in the next environment what was approved and active in this one')
      .argument('<digest>', 'digest of the bundle, or "active"')
      .option('--from <profile>', 'profile of the environment it is active in (default: that of --profile)')
      .requiredOption('--to <profile>', 'profile of the next environment')
      .requiredOption('--why <text>', 'what it is for; the approvers there read it')
      .option('--effective-from <instant>', 'becomes active by itself then, once approved there', instant)
      .option('--emergency <reason>', 'why it cannot wait; it is reviewed afterwards'),
    promote,
  );
};

const decision = (policy: Command, name: string, description: string): Command =>
  policy.command(name).description(description).argument('<id>', 'the bundle', uuid);

const pathOf = (call: Call, verb: string): string => `/policy/bundles/${call.args[0] ?? ''}/${verb}`;

const propose = async (call: Call): Promise<Answer> => {
  const draft = await draftOf(call, call.args[0] ?? '');
  const found = await call.api.post<Bundle>('governance', `/policy/bundles/${draft.bundleId}/propose`, {
    why: text(call, 'title'),
    effectiveFrom: text(call, 'effectiveFrom'),
    emergency: text(call, 'emergency'),
  });
  const next = `Try it on real entries:  npx tieout policy plan ${found.bundleId}
Somebody else approves:  npx tieout --as <person> policy approve ${found.bundleId}`;
  return answer(found, paragraphs(bundleText(found), next));
};

const approve = async (call: Call): Promise<Answer> => {
  const [id = ''] = call.args;
  const seen = text(call, 'digest');
  const bundle = await call.api.get<Bundle>('governance', `/policy/bundles/${id}`);
  if (seen !== undefined && !(bundle.digest ?? '').startsWith(seen))
    throw wrongUse(
      `${id} has the digest ${bundle.digest ?? 'of nothing: it does not compile'}`,
      `look again: npx tieout policy show ${id}`,
    );
  const found = await call.api.post<Bundle>('governance', pathOf(call, 'approve'), {
    digest: bundle.digest,
    role: text(call, 'role'),
    note: text(call, 'note'),
  });
  const next =
    found.state === 'approved'
      ? found.proposal?.effectiveFrom
        ? `It becomes active at ${found.proposal.effectiveFrom}.`
        : `Bring it into force: npx tieout --as <person> policy activate ${id}`
      : `It still needs: ${partsText(found.missing)}`;
  return answer(found, paragraphs(bundleText(found), next));
};

const close = async (call: Call, verb: 'reject' | 'withdraw'): Promise<Answer> => {
  const found = await call.api.post<Bundle>('governance', pathOf(call, verb), { why: text(call, 'why') });
  return answer(found, bundleText(found));
};

const activate = async (call: Call): Promise<Answer> => {
  const found = await call.api.post<Activation>('governance', pathOf(call, 'activate'), { emergency: text(call, 'emergency') });
  return answer(found, activationText(found));
};

const rollback = async (call: Call): Promise<Answer> => {
  const body = { bundleId: text(call, 'to'), why: text(call, 'why'), emergency: text(call, 'emergency') };
  const found = await call.api.post<Activation>('governance', '/policy/rollback', body);
  return answer(found, activationText(found));
};

const review = async (call: Call): Promise<Answer> => {
  const path = `/policy/activations/${call.args[0] ?? ''}/review`;
  const found = await call.api.post<Activation>('governance', path, { note: text(call, 'note') });
  return answer(found, `revision ${found.revision}: reviewed by ${found.review?.by ?? ''} at ${found.review?.at ?? ''}`);
};

interface Certificate {
  readonly statement: {
    readonly environment: string;
    readonly digest: string;
    readonly approvals: readonly { readonly actor: string; readonly role: string }[];
  };
}

const promote = async (call: Call): Promise<Answer> => {
  const from = text(call, 'from');
  const source = from === undefined ? call.api : elsewhere(call, from);
  const target = elsewhere(call, text(call, 'to') ?? '');
  const named = call.args[0] ?? '';
  const digest = named === 'active' ? (await source.get<Activation>('governance', '/policy/active')).digest : named;
  const certificate = await source.get<Certificate>('governance', `/policy/promotions/${encodeURIComponent(digest)}`);
  const found = await target.post<Bundle>('governance', '/policy/promotions', {
    certificate,
    why: text(call, 'why'),
    effectiveFrom: text(call, 'effectiveFrom'),
    emergency: text(call, 'emergency'),
  });
  const { statement } = certificate;
  const told = facts([
    ['from', statement.environment],
    ['approved there by', statement.approvals.map(({ actor, role }) => `${actor} (${role})`).join(', ')],
  ]);
  return answer(found, paragraphs(told, bundleText(found)));
};

/** The same person in another environment. A token of the one counts nothing in the other, so it is not sent there. */
const elsewhere = (call: Call, file: string): Api => {
  const { world, options } = call;
  // Addresses in the environment are of one environment only: here there are two.
  const profile = readProfile(file, {}, world.cwd);
  return new Api(profile, { as: typeof options['as'] === 'string' ? options['as'] : undefined }, (notice) =>
    world.err(`note:  ${notice}\n`),
  );
};

import { Option, type Command } from 'commander';
import { answer, facts, table, type Answer } from '../answer.js';
import { list, number, text, type Call, type Wire } from '../call.js';
import { wrongUse } from '../failure.js';
import { instant, uuid, wholeNumber, words } from '../options.js';

interface Override {
  readonly overrideId: string;
  readonly entryId: string;
  readonly legalEntityId: string;
  readonly reasons: readonly string[];
  readonly validUntil: string;
  readonly why: string;
  readonly state: string;
  readonly requestedBy: string;
  readonly digest: string;
  readonly expiresAt: string;
  readonly approvals: readonly { readonly actor: string; readonly role: string }[];
  readonly closing: { readonly by: string; readonly why: string } | null;
}

const STATES = ['requested', 'active', 'ended', 'rejected', 'withdrawn', 'expired'];

export const overrideCommands = (program: Command, wire: Wire): void => {
  const override = program.command('override').description('one-off exemptions: this entry, these rules, until then');
  wire(
    override
      .command('request')
      .description('ask for one; somebody else approves it')
      .requiredOption('--entry <id>', 'the entry', uuid)
      .requiredOption('--reason <codes>', 'what may pass, for example INACTIVE_PROJECT (again or with commas for more)', words)
      .requiredOption('--until <instant>', 'until when', instant)
      .requiredOption('--why <text>', 'why; the approvers read it'),
    request,
  );
  wire(
    override
      .command('list')
      .description('overrides, the newest first')
      .addOption(new Option('--state <state>', 'only these').choices(STATES))
      .option('--entry <id>', 'of this entry', uuid)
      .option('--limit <n>', 'at most so many', wholeNumber(1, 1000), 50),
    listOverrides,
  );
  const one = (name: string, description: string) =>
    override.command(name).description(description).argument('<id>', 'the override', uuid);
  wire(one('show', 'one override'), async (call) => shown(await find(call)));
  wire(
    one('approve', 'say yes to an override that somebody else asked for').option('--role <role>', 'the role to approve in'),
    approve,
  );
  for (const [verb, what] of [
    ['reject', 'say no to an override'],
    ['withdraw', 'take back what you asked for'],
    ['end', 'end an override that is in force'],
  ] as const)
    wire(one(verb, what).requiredOption('--why <text>', 'why'), async (call) =>
      shown(await call.api.post<Override>('governance', `${pathOf(call)}/${verb}`, { why: text(call, 'why') })),
    );
};

const pathOf = (call: Call): string => `/overrides/${call.args[0] ?? ''}`;
const find = (call: Call): Promise<Override> => call.api.get<Override>('governance', pathOf(call));

const request = async (call: Call): Promise<Answer> => {
  const entryId = text(call, 'entry') ?? '';
  const { entry } = await call.api.get<{ entry: { legal_entity_id: string } }>('time-ingestion', `/entries/${entryId}`);
  const found = await call.api.post<Override>('governance', '/overrides', {
    entryId,
    legalEntityId: entry.legal_entity_id,
    reasons: list(call, 'reason'),
    until: text(call, 'until'),
    why: text(call, 'why'),
  });
  const asked = shown(found);
  return {
    ...asked,
    text: `${asked.text}\n\nSomebody else approves: npx tieout --as <person> override approve ${found.overrideId}`,
  };
};

const approve = async (call: Call): Promise<Answer> => {
  const { digest, state } = await find(call);
  if (state !== 'requested') throw wrongUse(`the override is ${state}`, `npx tieout override show ${call.args[0] ?? ''}`);
  return shown(await call.api.post<Override>('governance', `${pathOf(call)}/approve`, { digest, role: text(call, 'role') }));
};

const listOverrides = async (call: Call): Promise<Answer> => {
  const query = { state: text(call, 'state'), entryId: text(call, 'entry'), limit: number(call, 'limit') };
  const found = await call.api.get<{ items: readonly Override[] }>('governance', '/overrides', query);
  return answer(
    found,
    table(
      ['override', 'state', 'entry', 'legal entity', 'lets pass', 'until', 'requested by', 'approved by', 'why'],
      found.items.map((one) => [
        one.overrideId,
        one.state,
        one.entryId,
        one.legalEntityId,
        one.reasons.join(' '),
        one.validUntil,
        one.requestedBy,
        one.approvals.map(({ actor }) => actor).join(' '),
        one.why,
      ]),
      'no override is like that',
    ),
  );
};

const shown = (one: Override): Answer =>
  answer(
    one,
    facts([
      ['override', one.overrideId],
      ['state', one.state],
      ['entry', `${one.entryId} (${one.legalEntityId})`],
      ['lets pass', one.reasons.join(' ')],
      ['until', one.validUntil],
      ['why', one.why],
      ['requested by', one.requestedBy],
      ['approved by', one.approvals.map(({ actor, role }) => `${actor} (${role})`).join(', ')],
      ['void unless approved by', one.state === 'requested' ? one.expiresAt : undefined],
      ['closed', one.closing && `by ${one.closing.by}: ${one.closing.why}`],
    ]),
  );

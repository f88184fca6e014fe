import type { Command } from 'commander';
import { Option } from 'commander';
import { answer, table } from '../answer.js';
import { text, type Call, type Wire } from '../call.js';

interface Contract {
  readonly id: string;
  readonly kind: string;
  readonly says: string;
  readonly owner: { readonly context: string; readonly team: string };
  readonly consumers: readonly string[];
  readonly status: { readonly state: string; readonly until?: string; readonly instead?: string };
}

export const contractCommands = (program: Command, wire: Wire): void => {
  const contracts = program.command('contracts').description('what services say to each other, and for how long');
  wire(
    contracts
      .command('list')
      .description('every version of an event, command, question or HTTP API')
      .option('--owner <name>', 'context or team that owns it')
      .option('--consumer <name>', 'context, people, tools or other-systems')
      .addOption(new Option('--kind <kind>', 'one kind').choices(['event', 'command', 'question', 'http-api']))
      .addOption(new Option('--status <status>', 'one status').choices(['current', 'deprecated', 'retired'])),
    listContracts,
  );
};

const listContracts = async (call: Call) => {
  const query = {
    owner: text(call, 'owner'),
    consumer: text(call, 'consumer'),
    kind: text(call, 'kind'),
    status: text(call, 'status'),
  };
  const found = await call.api.get<{ items: readonly Contract[] }>('governance', '/contracts', query);
  return answer(
    found,
    table(
      ['contract', 'owner', 'team', 'used by', 'status'],
      found.items.map(({ id, owner, consumers, status }) => [
        id,
        owner.context,
        owner.team,
        consumers.join(' '),
        statusOf(status),
      ]),
      'no contract is like that',
    ),
  );
};

const statusOf = ({ state, until, instead }: Contract['status']): string =>
  state === 'current' ? state : `${state}${until === undefined ? '' : ` until ${until}`}; use ${instead}`;

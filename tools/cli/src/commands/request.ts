import { Option, type Command } from 'commander';
import { answer, facts, paragraphs, section, table, type Answer } from '../answer.js';
import { number, text, type Call, type Wire } from '../call.js';
import { uuid, wholeNumber } from '../options.js';
import { sizeText, type Size } from '../second-person.js';

interface OperatorRequest {
  readonly requestId: string;
  readonly subject: string;
  readonly command: Readonly<Record<string, unknown>>;
  readonly commandDigest: string;
  readonly size: Size | null;
  readonly why: string;
  readonly state: string;
  readonly requestedBy: string;
  readonly requestedAt: string;
  readonly expiresAt: string;
  readonly approvedBy: string | null;
  readonly approvedAt: string | null;
  readonly closing: { readonly at: string; readonly by: string; readonly why: string } | null;
  readonly outcome: unknown;
}

const STATES = ['open', 'approved', 'done', 'failed', 'rejected', 'withdrawn', 'expired'];

export const requestCommands = (program: Command, wire: Wire): void => {
  const request = program.command('request').description('operations that wait for a second person');
  wire(
    request
      .command('list')
      .description('requests, the newest first')
      .addOption(new Option('--state <state>', 'only these').choices(STATES))
      .option('--limit <n>', 'at most so many', wholeNumber(1, 1000), 50),
    listRequests,
  );
  const one = (name: string, description: string) =>
    request.command(name).description(description).argument('<id>', 'the request', uuid);
  wire(one('show', 'what was asked for, and what came of it'), async (call) => shown(await find(call)));
  wire(one('approve', 'be the second person: the command is carried out'), approve);
  for (const [verb, what] of [
    ['reject', 'say no'],
    ['withdraw', 'take back what you asked for'],
  ] as const)
    wire(one(verb, what).requiredOption('--why <text>', 'why'), async (call) =>
      shown(await call.api.post<OperatorRequest>('governance', `${pathOf(call)}/${verb}`, { why: text(call, 'why') })),
    );
};

const pathOf = (call: Call): string => `/requests/${call.args[0] ?? ''}`;
const find = (call: Call): Promise<OperatorRequest> => call.api.get<OperatorRequest>('governance', pathOf(call));

/** Approves the command that stands there now, and no other: its digest goes along. */
const approve = async (call: Call): Promise<Answer> => {
  const { commandDigest } = await find(call);
  const found = await call.api.post<OperatorRequest>('governance', `${pathOf(call)}/approve`, { commandDigest });
  const { text: approved } = shown(found);
  return answer(found, `${approved}\n\nIt is sent now; npx tieout request show ${found.requestId} says what came of it.`);
};

const listRequests = async (call: Call): Promise<Answer> => {
  const query = { state: text(call, 'state'), limit: number(call, 'limit') };
  const found = await call.api.get<{ items: readonly OperatorRequest[] }>('governance', '/requests', query);
  return answer(
    found,
    table(
      ['request', 'state', 'command', 'size', 'requested by', 'approved by', 'expires', 'why'],
      found.items.map((one) => [
        one.requestId,
        one.state,
        one.subject,
        sizeText(one.size),
        one.requestedBy,
        one.approvedBy,
        one.expiresAt,
        one.why,
      ]),
      'no request is like that',
    ),
  );
};

const shown = (one: OperatorRequest): Answer =>
  answer(
    one,
    paragraphs(
      facts([
        ['request', one.requestId],
        ['state', one.state],
        ['command', one.subject],
        ['size', sizeText(one.size)],
        ['why', one.why],
        ['requested', `${one.requestedAt} by ${one.requestedBy}`],
        ['approved', one.approvedBy && `${one.approvedAt ?? ''} by ${one.approvedBy}`],
        ['expires', one.state === 'open' ? one.expiresAt : undefined],
        ['closed', one.closing && `${one.closing.at} by ${one.closing.by}: ${one.closing.why}`],
      ]),
      section('The command', readable(one.command)),
      one.outcome === null || one.outcome === undefined ? undefined : section('What the service answered', readable(one.outcome)),
    ),
  );

const ITEMS_SHOWN = 10;

/** Long lists are cut: --json has all. */
const readable = (value: unknown): string =>
  JSON.stringify(
    value,
    (_, part: unknown) =>
      Array.isArray(part) && part.length > ITEMS_SHOWN
        ? [...(part as unknown[]).slice(0, ITEMS_SHOWN), `and ${part.length - ITEMS_SHOWN} more`]
        : part,
    2,
  );

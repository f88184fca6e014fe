import { Option, type Command } from 'commander';
import { answer, counted, paragraphs, table, type Answer } from '../answer.js';
import { flag, list, text, type Call, type Wire } from '../call.js';
import { EXIT } from '../exit-codes.js';
import { uuids } from '../options.js';
import { withSecondPerson } from '../second-person.js';

interface Difference {
  readonly differenceId: string;
  readonly reason: string;
  readonly destination: string;
  readonly legalEntityId: string;
  readonly entryId: string | null;
  readonly detail: string;
  readonly currency: string;
  readonly varianceHours: string;
  readonly varianceAmount: string;
  readonly foundAt: string;
  readonly acceptedAt: string | null;
  readonly acceptedBy: string | null;
  readonly approvedBy: string | null;
  readonly acceptedReason: string | null;
}
type State = 'open' | 'accepted';

/** What reconciliation found, and what people say of it. */
export const differenceCommands = (program: Command, wire: Wire): void => {
  const difference = program.command('difference').description('differences that reconciliation found');
  wire(
    difference
      .command('list')
      .description('open differences, the oldest first; or those that people accepted, with who and why')
      .addOption(new Option('--state <state>', 'which').choices(['open', 'accepted']).default('open')),
    listDifferences,
  );
  const change = (name: string, description: string) =>
    difference
      .command(name)
      .description(description)
      .requiredOption('--id <differenceId>', 'which, as difference list shows them (again or with commas for more)', uuids)
      .requiredOption('--reason <text>', 'why, for the tie-out and the audit')
      .option('--yes', 'do it; without it you are told what would be done');
  wire(change('accept', 'let differences stand: they count no longer against the tie-out'), (call) => decide(call, 'accept'));
  wire(change('reopen', 'look at accepted differences again: they count once more'), (call) => decide(call, 'reopen'));
};

const standing = async (call: Call, state: State): Promise<readonly Difference[]> =>
  (await call.api.get<{ items: readonly Difference[] }>('reconciliation', '/differences', { state })).items;

const listDifferences = async (call: Call): Promise<Answer> => {
  const state: State = text(call, 'state') === 'accepted' ? 'accepted' : 'open';
  const items = await standing(call, state);
  const none = state === 'open' ? 'nothing differs but what was accepted' : 'nothing was accepted';
  return answer({ items }, tableOf(items, state, none), state === 'open' && items.length > 0 ? EXIT.no : EXIT.ok);
};

const tableOf = (items: readonly Difference[], state: State, none: string): string =>
  table(
    [
      'difference',
      'what',
      'legal entity',
      'destination',
      'hours',
      'amount',
      'entry',
      'detail',
      ...(state === 'accepted' ? ['accepted', 'by', 'agreed by', 'why'] : ['found']),
    ],
    items.map((one) => [
      one.differenceId,
      one.reason,
      one.legalEntityId,
      one.destination,
      one.varianceHours,
      `${one.varianceAmount} ${one.currency}`,
      one.entryId,
      one.detail,
      ...(state === 'accepted' ? [one.acceptedAt, one.acceptedBy, one.approvedBy, one.acceptedReason] : [one.foundAt]),
    ]),
    none,
  );

const DONE = { accept: 'accepted', reopen: 'open again' } as const;
const FROM = { accept: 'open', reopen: 'accepted' } as const satisfies Record<string, State>;

const decide = async (call: Call, verb: 'accept' | 'reopen'): Promise<Answer> => {
  const differenceIds = [...new Set(list(call, 'id') ?? [])];
  if (!flag(call, 'yes')) return wouldDecide(call, verb, differenceIds);
  return withSecondPerson(
    call,
    () =>
      call.api.post<Decided>('reconciliation', `/differences/${verb}`, {
        differenceIds,
        reason: text(call, 'reason'),
      }),
    (found) =>
      answer(
        found,
        paragraphs(
          `${counted(found.accepted ?? found.reopened ?? 0, 'difference')} ${DONE[verb]}`,
          found.refused.length === 0
            ? undefined
            : table(
                ['left alone', 'why'],
                found.refused.map(({ differenceId, why }) => [differenceId, why]),
              ),
        ),
        found.refused.length === 0 ? EXIT.ok : EXIT.no,
      ),
  );
};

interface Decided {
  readonly accepted?: number;
  readonly reopened?: number;
  readonly refused: readonly { readonly differenceId: string; readonly why: string }[];
}

const wouldDecide = async (call: Call, verb: 'accept' | 'reopen', differenceIds: readonly string[]): Promise<Answer> => {
  const items = (await standing(call, FROM[verb])).filter(({ differenceId }) => differenceIds.includes(differenceId));
  const others = differenceIds.filter((id) => !items.some(({ differenceId }) => differenceId === id));
  return answer(
    { dryRun: true, items, others },
    paragraphs(
      `would be ${DONE[verb]}: ${counted(items.length, 'difference')}`,
      items.length === 0 ? undefined : tableOf(items, FROM[verb], ''),
      others.length === 0 ? undefined : `not ${FROM[verb]}: ${others.join(', ')}`,
      'Nothing was changed. Add --yes to do it.',
    ),
    others.length === 0 ? EXIT.ok : EXIT.no,
  );
};

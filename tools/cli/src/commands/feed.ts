import type { Command } from 'commander';
import { amounts, answer, counted, facts, paragraphs, section, table, type Answer } from '../answer.js';
import { flag, list, text, type Call, type Wire } from '../call.js';
import { EXIT } from '../exit-codes.js';
import { wrongUse } from '../failure.js';
import { calendarDate, feedOption, FEEDS, instant, uuid, uuids, type FeedName } from '../options.js';
import type { Service } from '../profile.js';
import { withSecondPerson } from '../second-person.js';

const YES = ['--yes', 'do it; without it you are told what would be done'] as const;
const WHY = ['--why <text>', 'why, for the second person and the audit'] as const;

const operation = (program: Command, name: string, description: string): Command =>
  program
    .command(name)
    .description(description)
    .addOption(feedOption())
    .option(...YES)
    .option(...WHY);

/** What an operator may ask of a feed: all of it rehearses unless --yes stands there. */
export const feedCommands = (program: Command, wire: Wire): void => {
  wire(
    operation(program, 'replay', 'take the latest releases again and send what is missing; what stands is left alone')
      .option('--destination <id>', 'all of a destination, or only there')
      .option('--from <instant>', 'releases decided from here', instant)
      .option('--to <instant>', 'to here', instant)
      .option('--entry <id>', 'these entries (again or with commas for more)', uuids)
      .option('--document <key>', 'these documents (again or with commas for more)', uuids),
    replay,
  );
  wire(window(operation(program, 'adopt', "take a predecessor's lines into the ledger before the first sync"), true), adopt);
  wire(
    window(operation(program, 'restore', 'derive the ledger again from the destination, after a database went back'), false),
    restore,
  );
  wire(
    operation(program, 'settle', 'say what became of a document that only a person can tell')
      .argument('<documentKey>', 'the document', uuid)
      .option('--booked <externalId>', 'it stands there, under this number')
      .option('--not-booked', 'it does not stand there'),
    settle,
  );
  wire(
    operation(program, 'reverse-surplus', 'reverse lines that stand twice in a destination').requiredOption(
      '--line <postingKey>',
      'their lines (again or with commas for more)',
      uuids,
    ),
    reverseSurplus,
  );
  for (const verb of ['lock', 'open'] as const)
    wire(
      operation(program, verb, verb === 'lock' ? 'send nothing to a destination' : 'send to a locked destination again')
        .requiredOption('--destination <id>', 'the destination')
        .requiredOption('--reason <text>', 'why, for whoever looks next'),
      (call) => lockOrOpen(call, verb),
    );
  wire(
    operation(program, 'retry', 'owe rejected lines again, look at blocked ones again').requiredOption(
      '--line <postingKey>',
      'the lines (again or with commas for more)',
      uuids,
    ),
    retry,
  );
};

const window = (command: Command, needed: boolean): Command =>
  (needed
    ? command.requiredOption('--destination <id>', 'the destination')
    : command.option('--destination <id>', 'only this one (default: all that are locked)')
  )
    .requiredOption('--from <date>', 'posting dates from', calendarDate)
    .requiredOption('--to <date>', 'to, inclusive', calendarDate);

const serviceOf = (call: Call): Service => FEEDS[(text(call, 'feed') ?? 'erp') as FeedName];
const rehearsed = (call: Call): boolean => !flag(call, 'yes');
const HINT = 'Nothing was changed. Add --yes to do it.';

/** Body to answer, with the detour over a second person where the service asks for one. */
const ask = async <T extends object>(call: Call, path: string, body: object, show: (found: T) => string): Promise<Answer> => {
  const send = () => call.api.post<T>(serviceOf(call), `/operations/${path}`, body);
  return withSecondPerson(call, send, (found) => answer(found, paragraphs(show(found), rehearsed(call) ? HINT : undefined)));
};

const replay = (call: Call) => {
  const [from, to, destination] = [text(call, 'from'), text(call, 'to'), text(call, 'destination')];
  const [entryIds, documentKeys] = [list(call, 'entry'), list(call, 'document')];
  if ((from === undefined) !== (to === undefined)) throw wrongUse('--from and --to belong together', 'give both, or neither');
  const kinds = [from !== undefined && 'time', entryIds && 'entries', documentKeys && 'documents'].filter(
    (kind) => typeof kind === 'string',
  );
  if (kinds.length > 1) throw wrongUse(`replay goes by one of ${kinds.join(', ')}`, 'leave the others out');
  const by = kinds[0] ?? 'destination';
  if (by === 'destination' && destination === undefined)
    throw wrongUse('nothing says what to replay', 'give --destination, --entry, --document, or --from and --to');
  return ask<Record<string, number | boolean>>(
    call,
    'replay',
    { by, from, to, entryIds, documentKeys, destination, dryRun: rehearsed(call) },
    (found) =>
      facts([
        ['targets looked at', Number(found['targets'])],
        ['documents read back again', Number(found['documentsToReadBack'])],
        ['rejected lines owed again', Number(found['linesToRetry'])],
        ['lines to post', Number(found['linesToPost'])],
        ['lines to reverse', Number(found['linesToReverse'])],
        ['lines to cancel', Number(found['linesToCancel'])],
      ]),
  );
};

interface Adopted {
  readonly matched: number;
  readonly ambiguous: readonly { readonly ours: readonly string[]; readonly theirs: readonly string[] }[];
  readonly unmatched: readonly string[];
}

const adopt = async (call: Call): Promise<Answer> => {
  const shown = await ask<Adopted>(
    call,
    'adopt',
    { ...windowOf(call), dryRun: rehearsed(call) },
    ({ matched, ambiguous, unmatched }) =>
      paragraphs(
        facts([
          ['matched', matched],
          ['ambiguous', ambiguous.length],
          ['unmatched', unmatched.length],
        ]),
        ambiguous.length === 0
          ? undefined
          : section(
              'Ambiguous: a person must say which is which',
              table(
                ['theirs', 'ours'],
                ambiguous.map(({ theirs, ours }) => [theirs.join(' '), ours.join(' ')]),
              ),
            ),
        unmatched.length === 0 ? undefined : section('Theirs that match nothing', someOf(unmatched)),
      ),
  );
  return leftOver(shown, ({ ambiguous, unmatched }: Adopted) => ambiguous.length + unmatched.length);
};

const LINES_SHOWN = 20;
const someOf = (lines: readonly string[]): string =>
  [
    ...lines.slice(0, LINES_SHOWN),
    ...(lines.length > LINES_SHOWN ? [`and ${lines.length - LINES_SHOWN} more: --json has all`] : []),
  ].join('\n');

/** Done, but something is left for a person: exit 1. A request that waits keeps its own exit code. */
const leftOver = <T>(shown: Answer, count: (found: T) => number): Answer =>
  shown.exitCode === EXIT.ok && count(shown.json as T) > 0 ? { ...shown, exitCode: EXIT.no } : shown;

interface Restored {
  readonly refused?: string;
  readonly destination?: string;
  readonly documents?: number;
  readonly documentsTaken?: number;
  readonly linesAdopted?: number;
  readonly linesForgotten?: number;
  readonly unreadable?: readonly string[];
}

const restore = async (call: Call): Promise<Answer> => {
  const shown = await ask<readonly Restored[]>(call, 'restore', { ...windowOf(call), dryRun: rehearsed(call) }, (found) =>
    paragraphs(
      table(
        ['destination', 'documents', 'taken', 'lines adopted', 'lines forgotten', 'unreadable'],
        found
          .filter(({ refused }) => refused === undefined)
          .map((one) => [
            one.destination,
            one.documents,
            one.documentsTaken,
            one.linesAdopted,
            one.linesForgotten,
            one.unreadable?.length,
          ]),
        'no destination is locked',
      ),
      ...found.flatMap(({ refused }) => (refused === undefined ? [] : [`refused: ${refused}`])),
      ...found.flatMap(({ unreadable = [] }) =>
        unreadable.length > 0 ? [section('Cannot be written back', unreadable.join('\n'))] : [],
      ),
    ),
  );
  return leftOver(
    shown,
    (found: readonly Restored[]) =>
      found.filter(({ refused, unreadable = [] }) => refused !== undefined || unreadable.length > 0).length,
  );
};

const windowOf = (call: Call) => ({ destination: text(call, 'destination'), from: text(call, 'from'), to: text(call, 'to') });

const settle = async (call: Call): Promise<Answer> => {
  const [documentKey = ''] = call.args;
  const [externalId, notBooked] = [text(call, 'booked'), flag(call, 'notBooked')];
  if ((externalId === undefined) === !notBooked) throw wrongUse('say one of --booked <externalId> and --not-booked');
  const body = { documentKey, verdict: notBooked ? 'not-booked' : 'booked', externalId };
  if (rehearsed(call)) return wouldAsk(call, 'settle', body, await call.api.get(serviceOf(call), `/documents/${documentKey}`));
  return withSecondPerson(
    call,
    () => call.api.post<{ settled: boolean; why?: string }>(serviceOf(call), '/operations/settle', body),
    (found) => answer(found, found.settled ? 'settled' : `not settled: ${found.why}`, found.settled ? EXIT.ok : EXIT.no),
  );
};

interface Surplus {
  readonly documents: number;
  readonly lines: number;
  readonly refused: readonly string[];
}

const reverseSurplus = async (call: Call): Promise<Answer> => {
  const shown = await ask<Surplus>(
    call,
    'reverse-surplus',
    { postingKeys: list(call, 'line'), dryRun: rehearsed(call) },
    ({ documents, lines, refused }) =>
      paragraphs(
        `${counted(documents, 'document')} with ${counted(lines, 'line')} ${documents === 1 ? 'stands' : 'stand'} beside what the ledger knows`,
        refused.length === 0 ? undefined : section('Left alone', refused.join('\n')),
      ),
  );
  return leftOver(shown, ({ refused }: Surplus) => refused.length);
};

const lockOrOpen = async (call: Call, verb: 'lock' | 'open'): Promise<Answer> => {
  const body = { destination: text(call, 'destination'), reason: text(call, 'reason') };
  if (rehearsed(call)) return wouldAsk(call, verb, body, await call.api.get(serviceOf(call), '/operations/locked'));
  return withSecondPerson(
    call,
    () => call.api.post<{ locked: readonly string[] }>(serviceOf(call), `/operations/${verb}`, body),
    (found) => answer(found, `locked now: ${found.locked.join(', ') || 'none'}`),
  );
};

interface Retried {
  readonly retried: number;
  readonly refused: readonly { readonly postingKey: string; readonly why: string }[];
}

const retry = async (call: Call): Promise<Answer> => {
  const body = { postingKeys: list(call, 'line') };
  if (rehearsed(call)) return wouldAsk(call, 'retry', body, {});
  return withSecondPerson(
    call,
    () => call.api.post<Retried>(serviceOf(call), '/postings/retry', body),
    (found) =>
      answer(
        found,
        paragraphs(
          `${counted(found.retried, 'line')} owed again`,
          found.refused.length === 0
            ? undefined
            : table(
                ['left alone', 'why'],
                found.refused.map(({ postingKey, why }) => [postingKey, why]),
              ),
        ),
        found.refused.length === 0 ? EXIT.ok : EXIT.no,
      ),
  );
};

/** For what cannot be rehearsed by the service: what would be asked, and how things stand. */
const wouldAsk = (call: Call, verb: string, body: object, now: Record<string, unknown>): Answer => {
  const told = Object.entries(body).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)] as const]));
  const standing = facts([
    ['state', now['state'] as string | undefined],
    ['why unknown', now['unknownWhy'] as string | undefined],
    ['destination', now['destination'] as string | undefined],
    ['lines', Array.isArray(now['lines']) ? now['lines'].length : undefined],
    ['amounts', amounts((now['totals'] as { amounts?: Record<string, string> } | undefined)?.amounts)],
    ['locked now', Array.isArray(now['destinations']) ? now['destinations'].join(', ') || 'none' : undefined],
  ]);
  const json = { dryRun: true, wouldAsk: { service: serviceOf(call), operation: verb, ...body }, now };
  return answer(json, paragraphs(`would ask ${serviceOf(call)}: ${verb}`, facts(told), standing, HINT));
};

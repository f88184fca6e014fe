import { entryIdOf } from '@tieout/model';
import type { Command } from 'commander';
import { answer, counted, table, type Answer } from '../answer.js';
import { flag, list, number, text, type Call, type Wire } from '../call.js';
import { EXIT } from '../exit-codes.js';
import { wrongUse } from '../failure.js';
import { gatherLineage } from '../lineage/gather.js';
import { lineageText } from '../lineage/render.js';
import { isUuid, uuids, wholeNumber } from '../options.js';
import { withSecondPerson } from '../second-person.js';

export const entryCommands = (program: Command, wire: Wire): void => {
  const entry = program.command('entry').description('time entries, and the whole way of one');
  wire(
    entry
      .command('lineage')
      .description(
        'source record, versions, decisions, postings, documents, attempts, reconciliation, cases, trace (exit 1 when a part is missing)',
      )
      .argument('<entry>', 'its id, or <connection>:<id at the source>, for example psa:4711'),
    lineage,
  );
  wire(
    entry
      .command('list')
      .description('entries in the order of their ids')
      .option('--verdict <verdict>', 'released, held, waiting, ...')
      .option('--legal-entity <id>', 'of this legal entity')
      .option('--after <id>', 'those after this one')
      .option('--limit <n>', 'at most so many', wholeNumber(1, 1000), 50),
    listEntries,
  );
  wire(
    entry
      .command('reassess')
      .description('take the verdict again')
      .requiredOption('--entry <id>', 'these entries (again or with commas for more)', uuids)
      .option('--why <text>', 'why, for the second person')
      .option('--yes', 'do it'),
    reassess,
  );
};

const lineage = async (call: Call): Promise<Answer> => {
  const found = await gatherLineage(call.api, toEntryId(call.args[0] ?? ''));
  return answer(found, lineageText(found), found.missing.length === 0 ? EXIT.ok : EXIT.no);
};

/** An id, or where it comes from: the id follows from connection and id at the source. */
const toEntryId = (named: string): string => {
  if (isUuid(named)) return named;
  const at = named.indexOf(':');
  if (at > 0 && at < named.length - 1) return entryIdOf(named.slice(0, at), named.slice(at + 1));
  throw wrongUse(`"${named}" names no entry`, 'give its id, or <connection>:<id at the source>, for example psa:4711');
};

interface Listed {
  readonly entryId: string;
  readonly connection: string;
  readonly sourceId: string;
  readonly legalEntityId: string;
  readonly workDate: string;
  readonly hours: string;
  readonly verdict: string;
  readonly refusals: readonly { readonly reason?: string }[] | null;
}

const listEntries = async (call: Call): Promise<Answer> => {
  const found = await call.api.get<{ items: readonly Listed[]; next: string | null }>('time-ingestion', '/entries', {
    verdict: text(call, 'verdict'),
    legalEntityId: text(call, 'legalEntity'),
    after: text(call, 'after'),
    limit: number(call, 'limit'),
  });
  const rows = found.items.map((one) => [
    one.entryId,
    `${one.connection}:${one.sourceId}`,
    one.legalEntityId,
    one.workDate,
    one.hours,
    one.verdict,
    (one.refusals ?? []).map(({ reason }) => reason).join(' '),
  ]);
  const more = found.next ? `\nmore: --after ${found.next}` : '';
  return answer(
    found,
    `${table(['entry', 'source', 'legal entity', 'work date', 'hours', 'verdict', 'refusals'], rows, 'no entry is like that')}${more}`,
  );
};

const reassess = async (call: Call): Promise<Answer> => {
  const entryIds = list(call, 'entry') ?? [];
  if (!flag(call, 'yes'))
    return answer(
      { dryRun: true, wouldAsk: { service: 'time-ingestion', operation: 'reassess', entryIds } },
      `would have ${counted(entryIds.length, 'entry', 'entries')} assessed again\n\nNothing was changed. Add --yes to do it.`,
    );
  return withSecondPerson(
    call,
    () => call.api.post<{ marked: number }>('time-ingestion', '/entries/reassess', { entryIds }),
    (found) => answer(found, `${counted(found.marked, 'entry', 'entries')} will be assessed again`),
  );
};

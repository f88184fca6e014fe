import type { Command } from 'commander';
import { answer, facts, paragraphs, section, table, type Answer } from '../answer.js';
import { segment } from '../api.js';
import { flag, text, type Call, type Wire } from '../call.js';
import { EXIT } from '../exit-codes.js';
import { calendarDate } from '../options.js';

const SERVICE = 'master-data-sync';

export const masterCommands = (program: Command, wire: Wire): void => {
  const master = program.command('master').description('master data: who says what, and since when');
  wire(
    master
      .command('show')
      .description('an object with the source of every attribute')
      .argument('<kind>', 'worker, project, task, cost-rate, ...')
      .argument('<code>', 'its code, for example P-100 or P-100/T1')
      .option('--on <date>', 'as it is on this day (default: its whole timeline)', calendarDate),
    show,
  );
  wire(
    master
      .command('history')
      .description('every change of an object: when, from where, before and after')
      .argument('<kind>', 'its kind')
      .argument('<code>', 'its code'),
    history,
  );
  wire(
    master
      .command('drift')
      .description('where a system says something else than the system of record (exit 1 when there is any)')
      .option('--kind <kind>', 'only this kind')
      .option('--legal-entity <id>', 'only this legal entity'),
    drift,
  );
  wire(
    master
      .command('ownership')
      .description('which system owns which attribute, per legal entity')
      .option('--kind <kind>', 'only this kind')
      .option('--legal-entity <id>', 'only this legal entity'),
    ownership,
  );
  wire(
    master
      .command('merge')
      .description('two objects are one: the first goes on under the code of the second')
      .argument('<kind>', 'their kind')
      .argument('<from>', 'code that ends')
      .argument('<into>', 'code that stays')
      .requiredOption('--why <text>', 'why, for the audit')
      .option('--from-date <date>', 'the first day on which they are one', calendarDate)
      .option('--yes', 'do it; without it you are told what would be merged'),
    merge,
  );
};

/** What a table shows of a value that may be anything. */
const cell = (value: unknown): string => {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
};

type Row = Readonly<Record<string, unknown>>;

const show = async (call: Call): Promise<Answer> => {
  const [kind = '', code = ''] = call.args;
  const found = await call.api.get<{ objects: readonly Row[]; sources?: readonly Row[] }>(
    SERVICE,
    `/master/${segment(kind)}/${segment(code)}`,
    { on: text(call, 'on') },
  );
  return answer(
    found,
    paragraphs(...found.objects.map((object) => objectText(object, text(call, 'on'))), sourcesText(found.sources ?? [])),
  );
};

interface MasterObject {
  readonly kind: string;
  readonly code: string;
  readonly id: string;
  readonly revision: number;
  readonly legalEntityId: string;
  readonly timeline: readonly { readonly validFrom: string; readonly attributes: Readonly<Record<string, string>> }[];
  readonly attributeSources: Readonly<Record<string, string>>;
  readonly ambiguous?: boolean;
  readonly mergedInto?: { readonly code: string; readonly validFrom: string };
  readonly formerCodes?: readonly { readonly code: string; readonly until: string }[];
}

const objectText = (row: Row, on: string | undefined): string => {
  const object = row as unknown as MasterObject;
  const { timeline, attributeSources } = object;
  const shown = on === undefined ? timeline : timeline.filter(({ validFrom }) => validFrom <= on).slice(-1);
  const head = facts([
    [object.kind, object.code],
    ['id', object.id],
    ['legal entity', object.legalEntityId],
    ['revision', object.revision],
    ['merged into', object.mergedInto && `${object.mergedInto.code} from ${object.mergedInto.validFrom}`],
    ['former codes', object.formerCodes?.map(({ code, until }) => `${code} until ${until}`).join(', ')],
    ['ambiguous', object.ambiguous ? 'yes: several records claim the code, so nothing resolves to it' : undefined],
  ]);
  const rows = shown.flatMap(({ validFrom, attributes }) =>
    Object.entries(attributes).map(([name, value], at) => [at === 0 ? validFrom : '', name, value, attributeSources[name]]),
  );
  return paragraphs(
    head,
    table(['valid from', 'attribute', 'value', 'source'], rows, on ? `nothing is known on ${on}` : 'no attributes'),
  );
};

const sourcesText = (sources: readonly Row[]): string | undefined =>
  sources.length === 0
    ? undefined
    : section(
        'Records at the sources',
        table(
          ['connection', 'external id', 'absent since'],
          sources.map((one) => [cell(one['connection']), cell(one['externalId']), cell(one['absentSince'])]),
        ),
      );

const listOf = async (
  call: Call,
  path: string,
  columns: readonly (readonly [title: string, name: string])[],
  none: string,
): Promise<Answer> => {
  const query = { kind: text(call, 'kind'), legalEntityId: text(call, 'legalEntity') };
  const found = await call.api.get<{ items: readonly Row[] }>(SERVICE, path, query);
  const rows = found.items.map((row) => columns.map(([, name]) => cell(row[name])));
  return answer(
    found,
    table(
      columns.map(([title]) => title),
      rows,
      none,
    ),
  );
};

const history = async (call: Call): Promise<Answer> => {
  const [kind = '', code = ''] = call.args;
  const found = await call.api.get<{ items: readonly Row[] }>(SERVICE, `/master/${segment(kind)}/${segment(code)}/history`);
  const rows = found.items.map((row) =>
    ['revision', 'at', 'actor', 'connection', 'attribute', 'before', 'after'].map((name) => cell(row[name])),
  );
  return answer(found, table(['revision', 'at', 'by', 'from', 'attribute', 'before', 'after'], rows));
};

const drift = async (call: Call): Promise<Answer> => {
  const found = await listOf(
    call,
    '/drift',
    [
      ['kind', 'kind'],
      ['code', 'code'],
      ['attribute', 'attribute'],
      ['legal entity', 'legalEntityId'],
      ['owner', 'owner'],
      ['says', 'ownerValue'],
      ['but', 'connection'],
      ['says', 'value'],
      ['since', 'since'],
    ],
    'no system says anything else than the system of record',
  );
  const { items } = found.json as { items: readonly unknown[] };
  return { ...found, exitCode: items.length === 0 ? EXIT.ok : EXIT.no };
};

const ownership = (call: Call): Promise<Answer> =>
  listOf(
    call,
    '/ownership-matrix',
    [
      ['kind', 'kind'],
      ['attribute', 'attribute'],
      ['legal entity', 'legalEntityId'],
      ['owner', 'owner'],
    ],
    'the matrix is empty',
  );

const merge = async (call: Call): Promise<Answer> => {
  const [kind = '', from = '', into = ''] = call.args;
  const body = { from, into, validFrom: text(call, 'fromDate'), why: text(call, 'why') };
  if (!flag(call, 'yes')) {
    const path = (code: string) => `/master/${segment(kind)}/${segment(code)}`;
    const [ends, stays] = await Promise.all([
      call.api.get<object>(SERVICE, path(from)),
      call.api.get<object>(SERVICE, path(into)),
    ]);
    const text = `would merge ${kind} ${from} into ${into}\n\nNothing was changed. Add --yes to do it.`;
    return answer({ dryRun: true, wouldAsk: { operation: 'merge', kind, ...body }, ends, stays }, text);
  }
  const found = await call.api.post<object>(SERVICE, `/master/${segment(kind)}/merge`, body);
  return answer(found, `${kind} ${from} goes on as ${into}`);
};

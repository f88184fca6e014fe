import type { Command } from 'commander';
import { answer, counted, facts, paragraphs, section, table, type Answer } from '../answer.js';
import { segment } from '../api.js';
import { flag, number, text, type Call, type Wire } from '../call.js';
import { EXIT } from '../exit-codes.js';
import { calendarDate, wholeNumber } from '../options.js';

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
      .option('--code <code>', 'only this object')
      .option('--connection <id>', 'only what this one says')
      .option('--legal-entity <id>', 'only this legal entity')
      .option('--after <cursor>', 'the next page')
      .option('--limit <n>', 'at most so many', wholeNumber(1, 500), 100),
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
      .requiredOption('--valid-from <date>', 'the first day on which they are one', calendarDate)
      .option('--yes', 'do it; without it you are told what would be merged'),
    merge,
  );
  wire(
    master
      .command('unmerge')
      .description('they were two after all')
      .argument('<kind>', 'their kind')
      .argument('<from>', 'code that had ended')
      .requiredOption('--why <text>', 'why, for the audit')
      .option('--yes', 'do it'),
    unmerge,
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

interface History {
  readonly object: Row;
  readonly sources: readonly Row[];
  readonly merges: readonly {
    readonly fromCode: string;
    readonly intoCode: string;
    readonly validFrom: string;
    readonly decidedBy: string;
    readonly decidedAt: string;
    readonly why: string;
    readonly undoneAt: string | null;
  }[];
  readonly revisions: readonly {
    readonly at: string;
    readonly actor: string;
    readonly action: string;
    readonly revision: number | null;
    readonly changed: readonly string[];
    readonly reason: string | null;
  }[];
}

const history = async (call: Call): Promise<Answer> => {
  const [kind = '', code = ''] = call.args;
  const found = await call.api.get<History>(SERVICE, `/master/${segment(kind)}/${segment(code)}/history`);
  const { object, sources, merges, revisions } = found;
  const revisionRows = revisions.map((one) => [one.revision, one.at, one.actor, one.action, one.changed.join(' '), one.reason]);
  const mergeRows = merges.map((one) => [
    `${one.fromCode} into ${one.intoCode}`,
    one.validFrom,
    one.decidedBy,
    one.decidedAt,
    one.undoneAt,
    one.why,
  ]);
  return answer(
    found,
    paragraphs(
      objectText(object, undefined),
      section('Revisions', table(['no', 'at', 'by', 'what', 'changed', 'why'], revisionRows)),
      merges.length === 0 ? undefined : section('Merges', table(['merge', 'from', 'by', 'at', 'undone', 'why'], mergeRows)),
      sourcesText(sources),
    ),
  );
};

interface Drift {
  readonly kind: string;
  readonly code: string;
  readonly attribute: string;
  readonly legalEntityId: string;
  readonly connection: string;
  readonly owner: string;
  readonly ownerValue: string | null;
  readonly value: string | null;
  readonly personal: boolean;
  readonly since: string;
  readonly suggestion: string;
}

const drift = async (call: Call): Promise<Answer> => {
  const found = await call.api.get<{ items: readonly Drift[]; next: string | null }>(SERVICE, '/drift', {
    kind: text(call, 'kind'),
    code: text(call, 'code'),
    connection: text(call, 'connection'),
    legalEntityId: text(call, 'legalEntity'),
    after: text(call, 'after'),
    limit: number(call, 'limit'),
  });
  const said = (one: Drift, value: string | null) => (one.personal ? '(personal)' : (value ?? '(nothing)'));
  const rows = found.items.map((one) => [
    `${one.kind} ${one.code}`,
    one.attribute,
    one.legalEntityId,
    `${one.owner}: ${said(one, one.ownerValue)}`,
    `${one.connection}: ${said(one, one.value)}`,
    one.since,
    one.suggestion,
  ]);
  const shown = table(
    ['object', 'attribute', 'legal entity', 'system of record', 'says otherwise', 'since', 'to do'],
    rows,
    'no system says anything else than the system of record',
  );
  const more = found.next === null ? '' : `\nmore: --after ${found.next}`;
  return answer(found, `${shown}${more}`, found.items.length === 0 ? EXIT.ok : EXIT.no);
};

interface Owned {
  readonly kind: string;
  readonly attribute: string;
  readonly legalEntityId: string;
  readonly owner: string;
}

const ownership = async (call: Call): Promise<Answer> => {
  const found = await call.api.get<{ policyDigest: string; rows: readonly Owned[] }>(SERVICE, '/ownership-matrix');
  const [kind, legalEntity] = [text(call, 'kind'), text(call, 'legalEntity')];
  const rows = found.rows.filter(
    (row) =>
      (kind === undefined || row.kind === kind) &&
      (legalEntity === undefined || row.legalEntityId === '*' || row.legalEntityId === legalEntity),
  );
  const shown = rows.map((row) => [row.kind, row.attribute, row.legalEntityId === '*' ? 'all' : row.legalEntityId, row.owner]);
  return answer({ ...found, rows }, table(['kind', 'attribute', 'legal entity', 'system of record'], shown));
};

const merge = async (call: Call): Promise<Answer> => {
  const [kind = '', from = '', into = ''] = call.args;
  const body = { from, into, validFrom: text(call, 'validFrom'), why: text(call, 'why') };
  if (!flag(call, 'yes')) {
    const path = (code: string) => `/master/${segment(kind)}/${segment(code)}`;
    const ends = await call.api.get<{ objects: readonly Row[] }>(SERVICE, path(from));
    const stays = await call.api.get<{ objects: readonly Row[] }>(SERVICE, path(into));
    const objects = [...ends.objects, ...stays.objects].map((object) => objectText(object, undefined));
    const shown = paragraphs(`would merge ${kind} ${from} into ${into} from ${body.validFrom ?? ''} on`, ...objects, NOT_DONE);
    return answer({ dryRun: true, wouldAsk: { operation: 'merge', kind, ...body }, ends, stays }, shown);
  }
  const found = await call.api.post<{ dependants: number }>(SERVICE, `/master/${segment(kind)}/merge`, body);
  return answer(
    found,
    `${kind} ${from} goes on as ${into}; ${counted(found.dependants, 'object')} that name it come across anew`,
  );
};

const unmerge = async (call: Call): Promise<Answer> => {
  const [kind = '', from = ''] = call.args;
  const body = { from, why: text(call, 'why') };
  if (!flag(call, 'yes'))
    return answer(
      { dryRun: true, wouldAsk: { operation: 'unmerge', kind, ...body } },
      `would take ${kind} ${from} apart again\n\n${NOT_DONE}`,
    );
  const found = await call.api.post<{ dependants: number }>(SERVICE, `/master/${segment(kind)}/unmerge`, body);
  return answer(
    found,
    `${kind} ${from} stands for itself again; ${counted(found.dependants, 'object')} that name it come across anew`,
  );
};

const NOT_DONE = 'Nothing was changed. Add --yes to do it.';

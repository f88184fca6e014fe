import { FOREVER, isCalendarDate, isDecimalString, taskCode, type Leg, type PostingKind } from '@tieout/model';
import type { DimensionKind, DimensionRow } from './analytics-target.js';
import type { BookedLine, PostingDocument, PostingLine, Rejection } from './posting-target.js';

/** One star schema for every warehouse, so that the same question has the same answer in each. */
export type ColumnType = 'text' | 'date' | 'decimal' | 'integer' | 'flag';
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly required?: true;
}
/** Dates and decimals are texts: a decimal never passes through a floating-point number. */
export type Cell = string | number | boolean | null;
export type WarehouseRow = Readonly<Record<string, Cell>>;

/** Digits after the point that a warehouse of fixed precision keeps; the model's decimals have no more. */
export const DECIMAL_SCALE = 12;

const column = (name: string, type: ColumnType): Column => ({ name, type });
const required = (name: string, type: ColumnType): Column => ({ name, type, required: true });

/** One row per posting; additive: a correction is a reversal row and a new row, so every sum is right at any time. */
export const FACT_COLUMNS: readonly Column[] = [
  required('posting_key', 'text'),
  required('entry_id', 'text'),
  required('release_no', 'integer'),
  required('leg', 'text'),
  required('kind', 'text'),
  column('reverses', 'text'),
  required('load_key', 'text'),
  required('legal_entity_key', 'text'),
  required('posting_period', 'text'),
  required('posting_date', 'date'),
  required('work_date', 'date'),
  required('worker_key', 'text'),
  required('project_key', 'text'),
  column('task_key', 'text'),
  column('cost_centre_key', 'text'),
  column('pay_code', 'text'),
  required('hours', 'decimal'),
  required('cost_amount', 'decimal'),
  required('cost_currency', 'text'),
  column('billable', 'flag'),
  column('bill_amount', 'decimal'),
  column('bill_currency', 'text'),
];

const factRow = (document: PostingDocument, line: PostingLine): WarehouseRow => ({
  posting_key: line.postingKey,
  entry_id: line.entryId,
  release_no: line.releaseNo,
  leg: line.leg,
  kind: line.kind,
  reverses: line.reverses ?? null,
  load_key: document.documentKey,
  legal_entity_key: document.legalEntityId,
  posting_period: document.postingPeriod,
  posting_date: document.postingDate,
  work_date: line.workDate,
  worker_key: line.workerCode,
  project_key: line.projectCode,
  task_key: line.taskCode === undefined ? null : taskCode(line.projectCode, line.taskCode),
  cost_centre_key: line.costCentre ?? null,
  pay_code: line.payCode ?? null,
  hours: line.hours,
  cost_amount: line.amount,
  cost_currency: line.currency,
  billable: line.billable ?? null,
  bill_amount: line.billAmount ?? null,
  bill_currency: line.billCurrency ?? null,
});

/** The facts of a load, or why they are none: a line that sums several has no single entry, and could not be corrected. */
export const factRows = (document: PostingDocument): readonly WarehouseRow[] | Rejection => {
  const summarised = document.lines.filter(({ members }) => members !== undefined);
  if (summarised.length === 0) return document.lines.map((line) => factRow(document, line));
  return {
    kind: 'rejected',
    cause: 'invalid-line',
    message: 'a warehouse takes single lines: let accounts.yaml summarise this destination by "lines"',
    lines: summarised.map(({ postingKey }) => ({ postingKey, message: 'sums several postings' })),
  };
};

const optional = <T extends string>(cell: Cell | undefined): T | undefined =>
  typeof cell === 'string' ? (cell as T) : undefined;

/** A fact as the line that was sent. */
export const bookedLineOf = (row: WarehouseRow): BookedLine => {
  const project = String(row['project_key']);
  return {
    postingKey: String(row['posting_key']),
    entryId: String(row['entry_id']),
    releaseNo: Number(row['release_no']),
    leg: String(row['leg']) as Leg,
    kind: String(row['kind']) as PostingKind,
    reverses: optional(row['reverses']),
    workerCode: String(row['worker_key']),
    projectCode: project,
    taskCode: optional(row['task_key'])?.slice(taskCode(project, '').length),
    costCentre: optional(row['cost_centre_key']),
    workDate: String(row['work_date']),
    payCode: optional(row['pay_code']),
    hours: String(row['hours']),
    amount: String(row['cost_amount']),
    billable: typeof row['billable'] === 'boolean' ? row['billable'] : undefined,
    billAmount: optional(row['bill_amount']),
    billCurrency: optional(row['bill_currency']),
  };
};

interface AttributeColumn extends Column {
  /** Name in master data. */
  readonly attribute: string;
}
const from = (attribute: string, name: string, type: ColumnType = 'text'): AttributeColumn => ({ attribute, name, type });

/** No names of people: the worker's key is the pseudonym that facts carry too. */
const ATTRIBUTES: Readonly<Record<DimensionKind, readonly AttributeColumn[]>> = {
  worker: [
    from('legalEntity', 'legal_entity_key'),
    from('costCentre', 'cost_centre_key'),
    from('type', 'worker_type'),
    from('region', 'region'),
    from('timeZone', 'time_zone'),
    from('payGroup', 'pay_group'),
    from('hoursPerDay', 'hours_per_day', 'decimal'),
    from('activeFrom', 'active_from', 'date'),
    from('activeTo', 'active_to', 'date'),
  ],
  project: [
    from('name', 'name'),
    from('legalEntity', 'legal_entity_key'),
    from('client', 'client'),
    from('billable', 'billable', 'flag'),
    from('budgetHours', 'budget_hours', 'decimal'),
    from('budgetAmount', 'budget_amount', 'decimal'),
    from('revenueMethod', 'revenue_method'),
    from('activeFrom', 'active_from', 'date'),
    from('activeTo', 'active_to', 'date'),
  ],
  task: [from('project', 'project_key'), from('name', 'name'), from('activeTo', 'active_to', 'date')],
  'cost-centre': [from('name', 'name'), from('legalEntity', 'legal_entity_key'), from('activeTo', 'active_to', 'date')],
  'legal-entity': [from('name', 'name'), from('currency', 'currency'), from('timeZone', 'time_zone'), from('region', 'region')],
};

export interface DimensionTable {
  readonly kind: DimensionKind;
  readonly table: string;
  readonly columns: readonly Column[];
}

const dimensionTable = (kind: DimensionKind, name: string): DimensionTable => ({
  kind,
  table: `dim_${name}`,
  columns: [
    required(`${name}_key`, 'text'),
    required('valid_from', 'date'),
    required('valid_to', 'date'),
    required('object_id', 'text'),
    required('revision', 'integer'),
    ...ATTRIBUTES[kind].map(({ name: attribute, type }) => column(attribute, type)),
  ],
});

export const DIMENSION_TABLES: Readonly<Record<DimensionKind, DimensionTable>> = {
  worker: dimensionTable('worker', 'worker'),
  project: dimensionTable('project', 'project'),
  task: dimensionTable('task', 'task'),
  'cost-centre': dimensionTable('cost-centre', 'cost_centre'),
  'legal-entity': dimensionTable('legal-entity', 'legal_entity'),
};

/** An attribute that is not what its column holds is unknown, as if absent: one bad budget must not hold back a project. */
const cellOf = (value: string | undefined, type: ColumnType): Cell => {
  if (value === undefined || value === '') return null;
  if (type === 'decimal') return isDecimalString(value) ? value : null;
  if (type === 'date') return isCalendarDate(value) ? value : null;
  if (type === 'flag') return value === 'true' ? true : value === 'false' ? false : null;
  return value;
};

/** One row per segment. */
export const dimensionRows = (object: DimensionRow): WarehouseRow[] => {
  const [key] = DIMENSION_TABLES[object.kind].columns;
  return object.segments.map(({ validFrom, validTo, attributes }) => ({
    [key!.name]: object.code,
    valid_from: validFrom,
    valid_to: validTo,
    object_id: object.id,
    revision: object.revision,
    ...Object.fromEntries(
      ATTRIBUTES[object.kind].map(({ attribute, name, type }) => [name, cellOf(attributes[attribute], type)]),
    ),
  }));
};

/** Half-open segments of a timeline, which says only where each begins. */
export const segmentsOf = (
  timeline: readonly { readonly validFrom: string; readonly attributes: Readonly<Record<string, string>> }[],
): DimensionRow['segments'] =>
  timeline.map(({ validFrom, attributes }, n) => ({ validFrom, validTo: timeline[n + 1]?.validFrom ?? FOREVER, attributes }));

/** A row; many-to-one fields hold ids, and `RELATIONS` says of which model. */
export type Row = Record<string, unknown> & { id: number };
export type Tables = Record<string, Row[]>;

const RELATIONS: Record<string, string> = {
  party: 'party.party',
  currency: 'currency.currency',
  status: 'project.work.status',
  period: 'account.period',
  journal: 'account.journal',
  move: 'account.move',
  account: 'account.account',
  type: 'account.account.type',
};

export class UserError extends Error {}

const related = (tables: Tables, field: string, value: unknown): Row | undefined => {
  const model = RELATIONS[field];
  return model === undefined || typeof value !== 'number' ? undefined : tables[model]?.find((row) => row.id === value);
};

const comparable = (value: unknown): unknown => {
  const date = value as { __class__?: string; year: number; month: number; day: number } | null;
  return date?.__class__ === 'date' ? date.year * 10_000 + date.month * 100 + date.day : value;
};

const valueAt = (tables: Tables, row: Row, path: readonly string[]): unknown => {
  const [field, ...rest] = path;
  const value = row[field!];
  if (rest.length === 0) return value ?? null;
  const next = related(tables, field!, value);
  return next ? valueAt(tables, next, rest) : null;
};

const holds = (tables: Tables, row: Row, clause: readonly unknown[]): boolean => {
  const [path, operator, wanted] = clause as [string, string, unknown];
  const value = comparable(valueAt(tables, row, path.split('.')));
  const other = comparable(wanted);
  switch (operator) {
    case '=':
      return value === other;
    case '!=':
      return value !== other;
    case 'in':
      return (wanted as unknown[]).includes(value);
    case '>':
      return (value as number) > (other as number);
    case '>=':
      return (value as number) >= (other as number);
    case '<=':
      return (value as number) <= (other as number);
    default:
      throw new Error(`the fake knows no operator ${operator}`);
  }
};

/** Tryton answers a dotted field as `"party.": {"id": 3, "code": "E1"}`, and null where nothing is linked. */
const read = (tables: Tables, row: Row, fields: readonly string[]): Row => {
  const answer: Row = { id: row.id };
  const nested = new Map<string, string[]>();
  for (const field of fields) {
    const [head, ...rest] = field.split('.');
    if (rest.length === 0) answer[field] = row[field] ?? null;
    else nested.set(head!, [...(nested.get(head!) ?? []), rest.join('.')]);
  }
  for (const [head, inner] of nested) {
    const next = related(tables, head, row[head]);
    answer[`${head}.`] = next ? read(tables, next, inner) : null;
  }
  return answer;
};

export const searchRead = (tables: Tables, model: string, params: readonly unknown[]): Row[] => {
  const [domain, offset, limit, , fields] = params as [unknown[][], number, number | null, unknown, string[]];
  const found = (tables[model] ?? []).filter((row) => domain.every((clause) => holds(tables, row, clause)));
  return found
    .slice(offset, limit === null ? undefined : offset + limit)
    .map((row) => read(tables, row, Array.isArray(fields) ? fields : []));
};

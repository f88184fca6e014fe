import { DECIMAL_SCALE, type Cell, type Column, type ColumnType, type WarehouseRow } from '@tieout/connector-kit';
import { decimal, Fault, toDecimalString } from '@tieout/model';
import { parquetMetadata, parquetReadObjects, type SchemaElement } from 'hyparquet';
import { ByteWriter, parquetWrite } from 'hyparquet-writer';

/** DECIMAL(38, 12) in 16 bytes: every decimal of the model fits, with room for sums. */
const DECIMAL = {
  type: 'FIXED_LEN_BYTE_ARRAY',
  type_length: 16,
  converted_type: 'DECIMAL',
  scale: DECIMAL_SCALE,
  precision: 38,
} as const;
const PHYSICAL: Readonly<Record<ColumnType, Omit<SchemaElement, 'name'>>> = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  date: { type: 'INT32', converted_type: 'DATE' },
  decimal: DECIMAL,
  integer: { type: 'INT64' },
  flag: { type: 'BOOLEAN' },
};
const DAY_MS = 86_400_000;
const ONE = decimal(`1${'0'.repeat(DECIMAL_SCALE)}`);

const toPhysical = (cell: Cell | undefined, type: ColumnType): unknown => {
  if (cell === null || cell === undefined) return null;
  // A bigint is written as it stands; a number would go through floating point.
  if (type === 'decimal') return BigInt(decimal(String(cell)).times(ONE).toFixed(0));
  if (type === 'date') return Date.parse(`${String(cell)}T00:00:00Z`) / DAY_MS;
  return type === 'integer' ? BigInt(Number(cell)) : cell;
};

const fromPhysical = (value: unknown, type: ColumnType): Cell => {
  if (value === null || value === undefined) return null;
  if (type === 'decimal')
    return toDecimalString(
      decimal('0')
        .plus(BigInt.asIntN(128, BigInt(`0x${Buffer.from(value as Uint8Array).toString('hex')}`)).toString())
        .div(ONE),
    );
  if (type === 'date') return new Date(Number(value) * DAY_MS).toISOString().slice(0, 10);
  return type === 'integer' ? Number(value) : (value as Cell);
};

/** What a file says of itself, beside its rows. */
export type FileFacts = Readonly<Record<string, string>>;

export interface DecodedFile {
  readonly rows: readonly WarehouseRow[];
  readonly facts: FileFacts;
}

export const encode = (columns: readonly Column[], rows: readonly WarehouseRow[], facts: FileFacts = {}): Uint8Array => {
  const writer = new ByteWriter();
  parquetWrite({
    writer,
    schema: [
      { name: 'root', num_children: columns.length },
      // Nullable throughout: DuckDB reads old and new files as one, and a later column is missing in the old ones.
      ...columns.map(({ name, type }) => ({ ...PHYSICAL[type], name, repetition_type: 'OPTIONAL' as const })),
    ],
    columnData: columns.map(({ name, type }) => ({ name, data: rows.map((row) => toPhysical(row[name], type)) })),
    kvMetadata: Object.entries(facts).map(([key, value]) => ({ key, value })),
    createdBy: 'tieout',
  });
  return new Uint8Array(writer.getBuffer());
};

/** @throws Fault ContractBroken: the file is none that `encode` wrote. */
export const decode = async (name: string, bytes: Uint8Array, columns: readonly Column[]): Promise<DecodedFile> => {
  try {
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
    const metadata = parquetMetadata(file);
    const facts = Object.fromEntries((metadata.key_value_metadata ?? []).map(({ key, value }) => [key, value ?? '']));
    // The reader would make floating-point numbers of decimals; without the annotation it hands out their bytes.
    for (const element of metadata.schema) if (element.converted_type === 'DECIMAL') delete element.converted_type;
    const found = await parquetReadObjects({ file, metadata, parsers: { dateFromDays: (days) => days } });
    const rows = found.map((row) =>
      Object.fromEntries(columns.map(({ name: key, type }) => [key, fromPhysical(row[key], type)])),
    );
    return { rows, facts };
  } catch (cause) {
    throw new Fault('ContractBroken', `${name} is no Parquet file of this warehouse`, { cause });
  }
};

import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ControlReader, SourceEvidence } from '@tieout/connector-kit';
import { Decimal, Fault, isCalendarDate, isDecimalString } from '@tieout/model';
import { parse } from 'csv-parse/sync';

type Cells = Readonly<Record<string, string>>;

/** Reads the files on its own: other code than the time source, so that a slip there cannot hide itself here. */
export class CsvControlReader implements ControlReader {
  constructor(private readonly folder: string) {}

  async readSource(window: { readonly from: string; readonly to: string }): Promise<readonly SourceEvidence[]> {
    const latest = new Map<string, { revision: number; row: Cells }>();
    for (const name of await this.#completeFiles())
      for (const row of await this.#rowsOf(name)) {
        const revision = Number(row['revision']);
        const known = latest.get(row['entryNo'] ?? '');
        if (isReadable(row) && revision > (known?.revision ?? 0)) latest.set(row['entryNo'] ?? '', { revision, row });
      }
    return [...latest]
      .filter(
        ([, { row }]) => row['status'] !== 'withdrawn' && (row['date'] ?? '') >= window.from && (row['date'] ?? '') <= window.to,
      )
      .map(([sourceId, { row }]) => ({
        sourceId,
        workDate: row['date'] ?? '',
        hours: row['hours'] ?? '',
        approved: row['status'] === 'approved',
      }));
  }

  async #completeFiles(): Promise<string[]> {
    try {
      const names = await readdir(this.folder);
      return names.filter((name) => name.endsWith('.csv') && names.includes(`${name.slice(0, -4)}.control.json`)).sort();
    } catch (cause) {
      throw new Fault('Unavailable', `folder ${this.folder} cannot be read`, { cause });
    }
  }
  /** None of a file that does not match its control file: such a file never happened. */
  async #rowsOf(name: string): Promise<Cells[]> {
    let bytes: Buffer;
    let control: { sha256?: unknown; rows?: unknown; hours?: unknown };
    let rows: Cells[];
    let skipped = 0;
    try {
      bytes = await readFile(join(this.folder, name));
      control = JSON.parse(await readFile(join(this.folder, `${name.slice(0, -4)}.control.json`), 'utf8')) as typeof control;
      if (createHash('sha256').update(bytes).digest('hex') !== String(control.sha256).toLowerCase()) return [];
      const onSkip = (): undefined => {
        skipped += 1;
      };
      rows = parse(bytes, {
        bom: true,
        columns: true,
        trim: true,
        skip_empty_lines: true,
        relax_column_count: true,
        skip_records_with_error: true,
        on_skip: onSkip,
      });
    } catch (cause) {
      if (cause instanceof SyntaxError) return [];
      throw new Fault('Unavailable', `${name} cannot be read`, { cause });
    }
    if (rows.length + skipped !== control.rows) return [];
    const hours = rows.reduce((sum, row) => (isDecimalString(row['hours']) ? sum.plus(row['hours']) : sum), new Decimal(0));
    const stated = String(control.hours);
    return isDecimalString(stated) && hours.equals(stated) ? rows : [];
  }
}

const isReadable = (row: Cells): boolean => {
  if (!row['entryNo'] || !/^[1-9]\d*$/.test(row['revision'] ?? '')) return false;
  if (row['status'] === 'withdrawn') return true;
  return (
    ['draft', 'submitted', 'approved', 'rejected'].includes(row['status'] ?? '') &&
    isCalendarDate(row['date']) &&
    isDecimalString(row['hours']) &&
    !!row['worker'] &&
    !!row['project']
  );
};

import type { MalformedTimeRecord, SourceTimeRecord } from '@tieout/connector-kit';
import { isCalendarDate, isDecimalString, toInstant } from '@tieout/model';
import type { FileRow } from './client/timesheet-file.js';

const WITHDRAWN = 'withdrawn';
const STATUSES = ['draft', 'submitted', 'approved', 'rejected', WITHDRAWN];

interface CellFault {
  readonly column: string;
  readonly why: string;
}

const faultOf = ({ cells, broken }: FileRow): CellFault | undefined => {
  if (broken !== undefined) return { column: '(all)', why: broken };
  const bad = (column: string, expected: string): CellFault => ({
    column,
    why: `found ${JSON.stringify(cells[column] ?? '')}, expected ${expected}`,
  });
  if (!cells['entryNo']) return bad('entryNo', 'the number of the entry');
  if (!/^[1-9]\d{0,8}$/.test(cells['revision'] ?? '')) return bad('revision', 'a whole number from 1');
  if (!STATUSES.includes(cells['status'] ?? '')) return bad('status', STATUSES.join(', '));
  // What is taken back needs no more than its number.
  if (cells['status'] === WITHDRAWN) return undefined;
  // A cell of these could hold a name by mistake: what stands there is not repeated.
  if (!cells['worker']) return { column: 'worker', why: 'empty, expected a worker number' };
  if (!cells['project']) return { column: 'project', why: 'empty, expected a project code' };
  if (!isCalendarDate(cells['date'])) return bad('date', 'a date such as 2026-11-23');
  if (!isDecimalString(cells['hours'])) return bad('hours', 'a decimal such as 7.5');
  if (cells['approvedAt'] && toInstant(cells['approvedAt']) === undefined)
    return bad('approvedAt', 'an instant such as 2026-11-23T09:00:00Z');
  return undefined;
};

/** @returns the record, or what is wrong with the row. */
export const toTimeRecord = (file: string, row: FileRow): SourceTimeRecord | MalformedTimeRecord => {
  const fault = faultOf(row);
  const entryNo = row.cells['entryNo'] ?? '';
  if (fault)
    return {
      // The number of the entry, where it can be read, so that the corrected row in a later file is known as the same record.
      recordKey: entryNo === '' ? `${file}:${row.row}` : entryNo,
      where: `${file}, row ${row.row}, column ${fault.column}`,
      why: fault.why,
      payload: row.cells,
    };
  const fields = Object.fromEntries(Object.entries(row.cells).filter(([, value]) => value !== ''));
  const common = { sourceId: entryNo, sourceRevision: Number(row.cells['revision']), payload: row.cells, fields };
  return row.cells['status'] === WITHDRAWN ? { ...common, deleted: true } : common;
};

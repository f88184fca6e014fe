import type { MalformedTimeRecord, SourceTimeRecord } from '@tieout/connector-kit';
import { isCalendarDate, isDecimalString, toInstant } from '@tieout/model';
import { optionalText, type JsonObject } from './client/shape.js';

const STATES = ['draft', 'submitted', 'approved', 'rejected'];

const faultOf = (entry: JsonObject): string | undefined => {
  const shown = (name: string): string => JSON.stringify(entry[name] ?? null);
  if (!Number.isInteger(entry['revision'])) return `revision is ${shown('revision')}: expected a whole number`;
  if (optionalText(entry, 'employee') === undefined) return 'employee is missing: expected a worker number';
  if (optionalText(entry, 'project') === undefined) return 'project is missing: expected a project code';
  if (!isCalendarDate(entry['date'])) return `date is ${shown('date')}: expected a date such as 2026-11-23`;
  if (!isDecimalString(entry['hours'])) return `hours is ${shown('hours')}: expected a decimal such as 7.5`;
  if (!STATES.includes(String(entry['status']))) return `status is ${shown('status')}: expected ${STATES.join(', ')}`;
  if (toInstant(String(entry['changedAt'])) === undefined) return `changedAt is ${shown('changedAt')}: expected an instant`;
  return undefined;
};

/** What policy may name. Notes stay in the payload: people write names into them. */
const FIELDS = [
  'id',
  'employee',
  'project',
  'task',
  'activity',
  'date',
  'hours',
  'status',
  'approvedBy',
  'approvedAt',
  'changedAt',
] as const;

/** @returns the record, or why it cannot be read. */
export const toTimeRecord = (entry: JsonObject, place: string): SourceTimeRecord | MalformedTimeRecord => {
  const sourceId = optionalText(entry, 'id');
  const why = sourceId === undefined ? 'id is missing: expected a text' : faultOf(entry);
  if (sourceId === undefined || why !== undefined)
    return {
      recordKey: sourceId ?? place,
      where: sourceId === undefined ? place : `timesheet ${sourceId}`,
      why: why ?? 'unreadable',
      payload: entry,
    };
  const fields: Record<string, string> = { revision: String(entry['revision']) };
  for (const name of FIELDS) {
    const value = optionalText(entry, name);
    if (value !== undefined) fields[name] = value;
  }
  if (typeof entry['billable'] === 'boolean') fields['billable'] = String(entry['billable']);
  return {
    sourceId,
    sourceRevision: Number(entry['revision']),
    sourceUpdatedAt: toInstant(String(entry['changedAt'])),
    payload: entry,
    fields,
  };
};

import type { MalformedTimeRecord, SourceMasterRecord, SourceTimeRecord } from '@tieout/connector-kit';
import { ALWAYS, isCalendarDate, toInstant } from '@tieout/model';
import { customValue, customValueNamed } from './client/read-lists.js';
import type { RedmineProject, RedmineTimeEntry } from './client/redmine-types.js';

/** What a time entry only points at. */
export interface Directory {
  knows(userId: number, projectId: number): boolean;
  employeeNumber(userId: number): string | undefined;
  projectIdentifier(projectId: number): string | undefined;
}

const problemOf = (entry: Partial<RedmineTimeEntry> | null): string | undefined => {
  if (entry === null || typeof entry !== 'object') return 'expected an object';
  if (typeof entry.user?.id !== 'number') return 'user.id is missing: expected a number';
  if (typeof entry.project?.id !== 'number') return 'project.id is missing: expected a number';
  if (typeof entry.hours !== 'number' || !Number.isFinite(entry.hours)) return 'hours is missing: expected a number';
  if (!isCalendarDate(entry.spent_on)) return `spent_on is ${JSON.stringify(entry.spent_on)}: expected a date such as 2026-11-23`;
  if (typeof entry.updated_on !== 'string' || toInstant(entry.updated_on) === undefined)
    return `updated_on is ${JSON.stringify(entry.updated_on)}: expected an instant`;
  return undefined;
};

/** @returns the record, or the reason why it cannot be read. */
export const toTimeRecord = (item: unknown, directory: Directory, position: number): SourceTimeRecord | MalformedTimeRecord => {
  const entry = item as RedmineTimeEntry | null;
  const id = typeof entry?.id === 'number' ? String(entry.id) : undefined;
  const why = id === undefined ? 'id is missing: expected a number' : problemOf(entry);
  if (why !== undefined || entry === null || id === undefined)
    return {
      recordKey: id ?? `time_entries:${position}`,
      where: id === undefined ? `time_entries.json, position ${position}` : `time entry ${id}`,
      why: why ?? '',
      payload: item,
    };
  return { sourceId: id, sourceUpdatedAt: toInstant(entry.updated_on), payload: item, fields: flatten(entry, directory) };
};

export const isTimeRecord = (record: SourceTimeRecord | MalformedTimeRecord): record is SourceTimeRecord => 'sourceId' in record;

/** Names of people and comments stay in the payload: no policy needs them, and fields show up in messages. */
const flatten = (entry: RedmineTimeEntry, directory: Directory): Record<string, string> => {
  const fields: Record<string, string> = {
    id: String(entry.id),
    'user.id': String(entry.user.id),
    'project.id': String(entry.project.id),
    hours: hoursText(entry.hours),
    spent_on: entry.spent_on,
    created_on: entry.created_on,
    updated_on: entry.updated_on,
  };
  const optional: Record<string, string | undefined> = {
    'user.employeeNumber': directory.employeeNumber(entry.user.id),
    'project.identifier': directory.projectIdentifier(entry.project.id),
    'issue.id': entry.issue && String(entry.issue.id),
    'activity.id': entry.activity && String(entry.activity.id),
    'activity.name': entry.activity?.name,
  };
  for (const field of entry.custom_fields ?? []) optional[`custom.${field.name}`] = customValue(field);
  for (const [name, value] of Object.entries(optional)) if (value !== undefined && value !== '') fields[name] = value;
  return fields;
};

/** Redmine rounds to 2 decimals when it stores; its JSON numbers are floating point, so this is where they become text, once. */
const hoursText = (hours: number): string => String(Math.round(hours * 100) / 100);

export const toProject = (project: RedmineProject): SourceMasterRecord => {
  const billable = customValueNamed(project.custom_fields, 'Billable');
  return {
    kind: 'project',
    externalId: String(project.id),
    code: project.identifier,
    timeline: [
      {
        validFrom: ALWAYS,
        attributes: {
          code: project.identifier,
          ...(project.name !== '' && { name: project.name }),
          ...(billable !== undefined && { billable: billable === '1' ? 'true' : 'false' }),
        },
      },
    ],
  };
};

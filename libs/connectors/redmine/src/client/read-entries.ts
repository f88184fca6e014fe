import { Fault } from '@tieout/model';
import type { EntryRange, RedmineClient } from './redmine-client.js';

/** Where a reading of a range stands. */
export interface EntryPosition {
  readonly offset: number;
  /** Id of the last entry read, at offset - 1. */
  readonly lastId?: number | undefined;
}

export interface EntryPage {
  /** As received; elements that repeat the previous page's last are left out. */
  readonly items: readonly unknown[];
  readonly total: number;
  readonly next: EntryPosition;
  readonly more: boolean;
}

/** The list is another than the one whose first pages were read. */
export class ListShifted extends Fault {
  constructor(what: string) {
    super('Unavailable', `${what}; the list has to be read again`);
  }
}

const idOf = (item: unknown): number | undefined => {
  const id = (item as { id?: unknown } | null)?.id;
  return typeof id === 'number' ? id : undefined;
};

/**
 * Offsets shift when an entry before them is deleted, and then an entry falls between two pages: it would look deleted. So each page begins
 * with the previous one's last entry, and a list that no longer has it there must be read again.
 * @throws ListShifted, a Fault Unavailable; ContractBroken when entries lie outside the range (Redmine ignores filters it cannot read).
 */
export const readEntryPage = async (
  client: RedmineClient,
  range: EntryRange,
  position: EntryPosition,
  pageSize: number,
): Promise<EntryPage> => {
  const overlap = position.lastId === undefined ? 0 : 1;
  const { items, total } = await client.timeEntries(range, position.offset - overlap, pageSize);
  if (overlap === 1 && idOf(items[0]) !== position.lastId) {
    // A key revoked meanwhile empties the list too, and then reading again would be no cure.
    await client.verifyKey();
    throw new ListShifted('time entries were deleted while the list was read');
  }
  for (const item of items) {
    const date = (item as { spent_on?: unknown } | null)?.spent_on;
    if (typeof date === 'string' && (date < range.from || (range.to !== undefined && date > range.to)))
      throw new Fault(
        'ContractBroken',
        `time entry ${idOf(item) ?? '?'} of ${date} was answered for ${range.from} to ${range.to ?? 'now'}`,
      );
  }
  const fresh = items.slice(overlap);
  const offset = position.offset + fresh.length;
  const more = offset < total;
  if (more && fresh.length === 0) throw new ListShifted(`the list of time entries ended at ${offset} of ${total}`);
  return { items: fresh, total, next: { offset, lastId: idOf(items.at(-1)) ?? position.lastId }, more };
};

import { Fault } from '@tieout/model';
import type { Cursor } from './time-source.js';

interface Page {
  readonly next: Cursor;
  readonly more: boolean;
}

/**
 * Reads all pages, in order, and stops on a source that goes round in circles.
 * @throws Fault ContractBroken when a page says "more" and gives the same cursor again.
 */
export async function* readPages<P extends Page>(
  read: (cursor: Cursor | null) => Promise<P>,
  start: Cursor | null = null,
): AsyncGenerator<P> {
  let cursor = start;
  for (;;) {
    const page = await read(cursor);
    yield page;
    if (!page.more) return;
    if (cursor !== null && JSON.stringify(cursor) === JSON.stringify(page.next))
      throw new Fault('ContractBroken', 'the source says there is more but gives the same cursor again');
    cursor = page.next;
  }
}

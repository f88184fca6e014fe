import { callSystem } from './system-client.js';

/** A line of the sandbox ERP, in its own words. */
export interface BookedLine {
  readonly journalNo: string;
  /** Our document key. */
  readonly reference: string;
  readonly lineRef: string;
  readonly quantity: string;
  readonly value: string;
}

/** Everything that stands in the ERP, read without any of Tieout's connectors. */
export const readBooks = async (erpUrl: string, key: string): Promise<BookedLine[]> => {
  const lines: BookedLine[] = [];
  let after: string | null = null;
  do {
    const path: string = after === null ? '/journal-lines' : `/journal-lines?after=${encodeURIComponent(after)}`;
    const page: { items: BookedLine[]; next: string | null } = await callSystem(
      erpUrl,
      { authorization: `Bearer ${key}` },
      'GET',
      path,
    );
    lines.push(...page.items);
    after = page.next;
  } while (after !== null);
  return lines;
};

/** One journal line as the sandbox ERP lists it: its own words, read over its own HTTP API. */
export interface ErpLineRow {
  readonly journalNo: string;
  readonly lineRef: string;
  readonly employee: string;
  readonly project: string;
  readonly quantity: string;
}

const TIMEOUT_MS = 30_000;

const rowOf = (item: unknown): ErpLineRow => {
  const { journalNo, lineRef, employee, project, quantity } = (item ?? {}) as Record<string, unknown>;
  for (const [name, value] of Object.entries({ journalNo, lineRef, employee, project, quantity }))
    if (typeof value !== 'string') throw new Error(`a journal line of the ERP has no ${name}`);
  return { journalNo, lineRef, employee, project, quantity } as ErpLineRow;
};

/** Every line of every journal. @throws Error when the ERP does not answer as it should: half a list would prove nothing. */
export const readErpLines = async (erpUrl: string, erpKey: string): Promise<ErpLineRow[]> => {
  const rows: ErpLineRow[] = [];
  let after: string | null = null;
  do {
    const url = new URL('/journal-lines', erpUrl);
    if (after !== null) url.searchParams.set('after', after);
    const response = await fetch(url, {
      headers: { authorization: `Bearer ${erpKey}` },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) throw new Error(`GET ${url.pathname}: ${response.status} ${(await response.text()).slice(0, 300)}`);
    const page = (await response.json()) as { items?: unknown; next?: unknown };
    if (!Array.isArray(page.items) || (page.next !== null && typeof page.next !== 'string'))
      throw new Error(`GET ${url.pathname}: expected items and next`);
    if (page.next === after && after !== null) throw new Error(`GET ${url.pathname}: the next page is the same page`);
    rows.push(...page.items.map(rowOf));
    after = page.next;
  } while (after !== null);
  return rows;
};

interface Access {
  readonly url: string;
  /** A key that may read is enough. */
  readonly key: string;
}
export interface HandoffSystems {
  readonly psa: Access;
  readonly erp: Access;
}
type Item = Readonly<Record<string, unknown>>;

const TIMEOUT_MS = 60_000;

const readAll = async (url: string, headers: Readonly<Record<string, string>>): Promise<Item[]> => {
  const items: Item[] = [];
  let after = '';
  for (;;) {
    const response = await fetch(`${url}?limit=1000&after=${encodeURIComponent(after)}`, {
      headers,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) throw new Error(`GET ${url}: ${response.status}`);
    const page = (await response.json()) as { items: Item[]; next: string | null };
    items.push(...page.items);
    if (page.next === null) return items;
    after = page.next;
  }
};

/** Codes of the projects that somebody made over the systems' own interface; what was loaded has no `createdAt`. */
export const readMadeProjects = async ({ psa, erp }: HandoffSystems): Promise<Record<'PSA' | 'ERP', string[]>> => {
  const made = (items: readonly Item[], code: string): string[] =>
    items
      .filter((item) => item['createdAt'] !== undefined)
      .map((item) => String(item[code]))
      .sort();
  return {
    PSA: made(await readAll(`${psa.url}/v2/projects`, { 'x-psa-key': psa.key }), 'code'),
    ERP: made(await readAll(`${erp.url}/projects`, { authorization: `Bearer ${erp.key}` }), 'number'),
  };
};

import type { FastifyInstance } from 'fastify';
import { AppendLog } from './append-log.js';
import { VendorError } from './system.js';

export type ListItem = Readonly<Record<string, unknown>> & { readonly id: string };
type ListRecord = { readonly list: string; readonly item: ListItem } | { readonly list: string; readonly removed: string };

const MAX_PAGE = 1000;

/** Named lists of plain objects with an id, kept over restarts. */
export class ListStore {
  readonly #lists: ReadonlyMap<string, Map<string, ListItem>>;
  readonly #sorted = new Map<string, string[]>();
  readonly #log: AppendLog<ListRecord>;

  constructor(names: readonly string[], dataFile?: string) {
    this.#lists = new Map(names.map((name) => [name, new Map()]));
    this.#log = new AppendLog(dataFile);
    this.#log.replay((record) => this.#apply(record));
  }
  get names(): readonly string[] {
    return [...this.#lists.keys()];
  }
  put(list: string, item: ListItem): void {
    if (typeof item.id !== 'string' || item.id === '') throw new VendorError(400, 'ID_MISSING', 'an item needs an id');
    const old = this.#of(list).get(item.id);
    if (old && JSON.stringify(old) === JSON.stringify(item)) return;
    this.#write({ list, item });
  }
  remove(list: string, id: string): boolean {
    if (!this.#of(list).has(id)) return false;
    this.#write({ list, removed: id });
    return true;
  }
  get(list: string, id: string): ListItem | undefined {
    return this.#of(list).get(id);
  }
  page(list: string, after: string, limit: number): { items: ListItem[]; next: string | null; total: number } {
    const items = this.#of(list);
    let ids = this.#sorted.get(list);
    if (!ids) this.#sorted.set(list, (ids = [...items.keys()].sort()));
    const rest = ids.filter((id) => id > after);
    return {
      items: rest.slice(0, limit).map((id) => items.get(id)!),
      next: rest.length > limit ? rest[limit - 1]! : null,
      total: items.size,
    };
  }
  find(list: string, wanted: (item: ListItem) => boolean): ListItem | undefined {
    return [...this.#of(list).values()].find(wanted);
  }
  filter(list: string, wanted: (item: ListItem) => boolean): ListItem[] {
    return [...this.#of(list).values()].filter(wanted);
  }
  close(): void {
    this.#log.close();
  }
  #of(list: string): Map<string, ListItem> {
    const items = this.#lists.get(list);
    if (!items) throw new VendorError(404, 'NOT_FOUND', `there is no list ${list}; lists are ${this.names.join(', ')}`);
    return items;
  }
  #write(record: ListRecord): void {
    this.#log.append(record);
    this.#apply(record);
  }
  #apply(record: ListRecord): void {
    const items = this.#lists.get(record.list);
    if (!items) return;
    if ('removed' in record) items.delete(record.removed);
    else items.set(record.item.id, record.item);
    this.#sorted.delete(record.list);
  }
}

export const pageSizeOf = (limit: string | undefined): number =>
  Math.min(Math.max(1, Number(limit ?? MAX_PAGE) || MAX_PAGE), MAX_PAGE);

/** GET all, PUT one, DELETE one, POST many: the same for every list of a system. */
export const listRoutes = (app: FastifyInstance, prefix: string, store: ListStore): void => {
  for (const list of store.names) {
    app.get<{ Querystring: { after?: string; limit?: string } }>(`${prefix}/${list}`, (request) =>
      store.page(list, request.query.after ?? '', pageSizeOf(request.query.limit)),
    );
    app.put<{ Params: { id: string }; Body: Record<string, unknown> }>(`${prefix}/${list}/:id`, (request) => {
      store.put(list, { ...request.body, id: request.params.id });
      return store.get(list, request.params.id);
    });
    app.delete<{ Params: { id: string } }>(`${prefix}/${list}/:id`, (request, reply) => {
      if (!store.remove(list, request.params.id))
        throw new VendorError(404, 'NOT_FOUND', `${list} ${request.params.id} does not exist`);
      return reply.status(204).send();
    });
  }
};

/** Loads lists at once; `keep` leaves what is there already as it is. @returns counts by list. */
export const importLists = (store: ListStore, body: Readonly<Record<string, unknown>>, keep: boolean): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const list of store.names) {
    const items = body[list];
    if (!Array.isArray(items)) continue;
    for (const item of items as ListItem[]) if (!keep || !store.get(list, item.id)) store.put(list, item);
    counts[list] = items.length;
  }
  return counts;
};

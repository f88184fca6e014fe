import type { CatalogueEntry, CatalogueKind, ContractStatus, Party } from '@tieout/contracts';

export interface ContractFilter {
  readonly kind?: CatalogueKind | undefined;
  /** Context or team. */
  readonly owner?: string | undefined;
  readonly consumer?: Party | undefined;
  readonly status?: ContractStatus['state'] | undefined;
}

/** What `all` services own belongs to each of them. */
const ownedBy = ({ owner }: CatalogueEntry, name: string): boolean =>
  owner.team === name || owner.context === name || owner.context === 'all';

export const contractsWhere = (
  catalogue: readonly CatalogueEntry[],
  { kind, owner, consumer, status }: ContractFilter,
): CatalogueEntry[] =>
  catalogue.filter(
    (entry) =>
      (kind === undefined || entry.kind === kind) &&
      (owner === undefined || ownedBy(entry, owner)) &&
      (consumer === undefined || entry.consumers.includes(consumer)) &&
      (status === undefined || entry.status.state === status),
  );

/** The services that are there, by the names that they are deployed under. */
export const servicesIn = (catalogue: readonly CatalogueEntry[]): string[] =>
  catalogue.flatMap(({ kind, name }) => (kind === 'http-api' ? [name.slice('http.'.length)] : []));

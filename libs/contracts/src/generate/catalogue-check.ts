import type { CatalogueEntry, CatalogueKind, ContractStatus } from '../catalogue.js';
import type { JsonSchema } from '../schemas.js';
import { breakingChanges, type BreakingChange } from './compatibility.js';
import { schemaFile } from './json-schema.js';

/** The catalogue as it was promised, by id. */
export type PublishedCatalogue = Readonly<Record<string, ContractStatus>>;

export interface DeclaredContracts {
  /** Ids that exist in code, by kind. */
  readonly ids: Readonly<Record<CatalogueKind, readonly string[]>>;
  readonly mustReceive: Readonly<Record<string, readonly string[]>>;
}

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const sameMembers = (a: readonly string[], b: readonly string[]): boolean => [...a].sort().join() === [...b].sort().join();

/** Where catalogue and code say different things. Each line says what to do. */
export const catalogueProblems = (catalogue: readonly CatalogueEntry[], { ids, mustReceive }: DeclaredContracts): string[] => {
  const problems: string[] = [];
  const byId = new Map(catalogue.map((entry) => [entry.id, entry]));
  if (byId.size < catalogue.length) problems.push('an id stands twice in the catalogue');
  for (const [kind, declared] of Object.entries(ids))
    for (const id of declared)
      if (byId.get(id)?.kind !== kind) problems.push(`${id}: no entry of kind ${kind} in src/catalogue-entries.ts; add it`);
  for (const entry of catalogue) {
    const exists = ids[entry.kind].includes(entry.id);
    const { state } = entry.status;
    if (state === 'retired' && exists) problems.push(`${entry.id}: is retired and still in use; delete its class and subject`);
    if (state !== 'retired' && !exists) problems.push(`${entry.id}: is ${state}, but no code declares it`);
    if (entry.kind === 'event' && state !== 'retired') problems.push(...consumerProblems(entry, mustReceive[entry.id] ?? []));
    problems.push(...statusProblems(entry, byId));
  }
  return problems;
};

const consumerProblems = ({ id, consumers, mayMiss }: CatalogueEntry, must: readonly string[]): string[] => {
  const stray = mayMiss.filter((one) => !consumers.includes(one));
  if (stray.length > 0) return [`${id}: ${stray.join(', ')} in mayMiss, but not in consumers`];
  const sure = consumers.filter((one) => !mayMiss.includes(one));
  return sameMembers(sure, must)
    ? []
    : [`${id}: consumers say ${sure.join(', ') || 'nobody'}, MUST_RECEIVE says ${must.join(', ') || 'nobody'}; make them agree`];
};

const statusProblems = ({ id, kind, status }: CatalogueEntry, byId: ReadonlyMap<string, CatalogueEntry>): string[] => {
  if (status.state === 'current') return [];
  const problems: string[] = [];
  for (const [name, date] of Object.entries(status))
    if (['since', 'until', 'retiredOn'].includes(name) && !DATE.test(date))
      problems.push(`${id}: ${name} is "${date}"; expected a date such as 2026-11-30`);
  if (status.until <= status.since) problems.push(`${id}: until ${status.until} is not after since ${status.since}`);
  if (status.state === 'retired' && status.retiredOn < status.until)
    problems.push(`${id}: retired on ${status.retiredOn}, promised until ${status.until}`);
  const successor = byId.get(status.instead);
  if (successor?.kind !== kind || (status.state === 'deprecated' && successor.status.state !== 'current'))
    problems.push(`${id}: "${status.instead}" is no current ${kind}; name the version to use instead`);
  return problems;
};

/** What the catalogue takes back of what it promised. `today`: calendar date, UTC. */
export const brokenPromises = (
  published: PublishedCatalogue,
  catalogue: readonly CatalogueEntry[],
  today: string,
): BreakingChange[] => {
  const now = new Map(catalogue.map(({ id, status }) => [id, status]));
  return Object.entries(published).flatMap(([id, before]) => {
    const problem = brokenPromise(before, now.get(id), today);
    return problem === undefined ? [] : [{ contract: id, path: '(status)', problem }];
  });
};

const brokenPromise = (before: ContractStatus, after: ContractStatus | undefined, today: string): string | undefined => {
  if (after === undefined) return 'is gone from the catalogue; a retired contract stays there, with the one to use instead';
  if (before.state === 'retired') return after.state === 'retired' ? undefined : `was retired and is ${after.state} again`;
  if (after.state === 'retired') {
    if (before.state === 'current') return 'is retired without having been deprecated; deprecate it, publish, and wait';
    if (after.retiredOn > today) return `is retired on ${after.retiredOn}, which is not over yet`;
    if (after.retiredOn < before.until) return `was promised until ${before.until} and is retired on ${after.retiredOn}`;
  }
  if (before.state === 'deprecated' && after.state === 'deprecated' && after.until < before.until)
    return `was promised until ${before.until} and is promised until ${after.until} only`;
  return undefined;
};

export interface Gate {
  readonly published: { readonly schemas: Readonly<Record<string, JsonSchema>>; readonly catalogue: PublishedCatalogue };
  readonly schemas: Readonly<Record<string, JsonSchema>>;
  readonly catalogue: readonly CatalogueEntry[];
  readonly today: string;
}

/** Everything that keeps a change from being published. A schema may go only with a contract that was retired in time. */
export const brokenContracts = ({ published, schemas, catalogue, today }: Gate): BreakingChange[] => {
  const retired = new Set(catalogue.flatMap((entry) => (entry.status.state === 'retired' ? schemaFileOf(entry) : [])));
  const kept = Object.fromEntries(Object.entries(published.schemas).filter(([file]) => !retired.has(file)));
  return [...breakingChanges(kept, schemas), ...brokenPromises(published.catalogue, catalogue, today)];
};

const schemaFileOf = ({ kind, id }: CatalogueEntry): string[] =>
  kind === 'http-api' ? [] : [schemaFile(`${kind}s` as Parameters<typeof schemaFile>[0], id)];

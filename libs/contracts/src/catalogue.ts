import { COMMAND_CATALOGUE, EVENT_CATALOGUE, HTTP_CATALOGUE, QUESTION_CATALOGUE } from './catalogue-entries.js';
import type { CatalogueEntry, CatalogueKind, ContractStatus, Declared } from './catalogue-types.js';
import { EVENT_TYPES, type EventType } from './subjects.js';

export {
  CATALOGUE_KINDS,
  CONTRACT_STATES,
  PARTIES,
  type CatalogueEntry,
  type CatalogueKind,
  type ContractOwner,
  type ContractStatus,
  type Party,
} from './catalogue-types.js';

const CURRENT: ContractStatus = { state: 'current' };

/** "time.entry.released.v1" is version 1 of "time.entry.released". */
const named = (id: string): { readonly name: string; readonly version: number } => {
  const at = id.lastIndexOf('.v');
  return { name: id.slice(0, at), version: Number(id.slice(at + 2)) };
};

const entry = (kind: CatalogueKind, id: string, { status = CURRENT, mayMiss = [], ...rest }: Declared): CatalogueEntry => ({
  id,
  kind,
  ...named(id),
  ...rest,
  mayMiss,
  status,
});

const entriesOf = (kind: CatalogueKind, declared: Readonly<Record<string, Declared>>): CatalogueEntry[] =>
  Object.entries(declared).map(([id, one]) => entry(kind, id, one));

/** Every version of every event, command, question and HTTP API: who owns it, who uses it, and for how long it stays. */
export const CATALOGUE: readonly CatalogueEntry[] = [
  ...entriesOf('event', EVENT_CATALOGUE),
  ...entriesOf('command', COMMAND_CATALOGUE),
  ...entriesOf('question', QUESTION_CATALOGUE),
  ...entriesOf('http-api', HTTP_CATALOGUE),
];

/** Until which day each deprecated event type is still said: producers send it along, consumers say it once in their log. */
export const deprecatedEvents = (catalogue: readonly CatalogueEntry[]): ReadonlyMap<EventType, string> =>
  new Map(
    catalogue.flatMap(({ id, kind, status }) => {
      const type = Object.values(EVENT_TYPES).find((one) => one === id);
      return kind === 'event' && type !== undefined && status.state === 'deprecated' ? [[type, status.until] as const] : [];
    }),
  );

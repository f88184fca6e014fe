import { readFileSync } from 'node:fs';
import { EVENT_TYPES, type EventType } from './subjects.js';

export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

const cache = new Map<EventType, JsonSchema>();

/**
 * JSON Schema (draft-07) of the body of an event type, as generated and committed: what producer and consumer agreed on.
 * @throws Error when the type is not declared
 */
export const eventSchema = (type: EventType): JsonSchema => {
  const known = cache.get(type);
  if (known) return known;
  if (!Object.values(EVENT_TYPES).includes(type)) throw new Error(`no contract for event type "${type}"`);
  // The same distance from src/ and from dist/.
  const schema = JSON.parse(
    readFileSync(new URL(`../generated/events/${type}.schema.json`, import.meta.url), 'utf8'),
  ) as JsonSchema;
  cache.set(type, schema);
  return schema;
};

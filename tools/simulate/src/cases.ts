import type { FeedRules } from '@tieout/delivery';
import type { Tables } from './store/tables.js';

/** What people have been asked to look at, as exception-management would know it from the events. */
export interface OpenCases {
  /** By posting key: rejected and blocked lines. */
  readonly lines: ReadonlySet<string>;
  /** By document key, with the reason. */
  readonly documents: ReadonlyMap<string, string>;
}

export const openCases = (tables: Tables, { events }: Pick<FeedRules, 'events'>): OpenCases => {
  const lines = new Set<string>();
  const documents = new Map<string, string>();
  for (const { type, body } of tables.events.rows) {
    const {
      postingKey = '',
      documentKey = '',
      reason = '',
    } = body as { postingKey?: string; documentKey?: string; reason?: string };
    if (type === events.lineRejected || type === events.lineBlocked) lines.add(postingKey);
    else if (type === events.lineCleared) lines.delete(postingKey);
    else if (type === events.documentUnknown) documents.set(documentKey, reason);
    else if (type === events.documentResolved) documents.delete(documentKey);
  }
  return { lines, documents };
};

import { Failure } from '../failure.js';
import type { Api } from '../api.js';
import { EXIT } from '../exit-codes.js';
import { FEEDS } from '../options.js';
import type { Service } from '../profile.js';
import type {
  CaseOfEntry,
  Lineage,
  Override,
  PostingDocument,
  PostingLine,
  Reconciled,
  SourceRecord,
  TimeSide,
} from './types.js';

/** The documents of one entry are few; more at once would only queue at the service. */
const AT_ONCE = 4;

/**
 * The whole way of an hour, from the services' own answers. A service that is away leaves its part out, and `missing` says so; only the
 * entry itself must be there.
 * @throws Failure when nobody knows the entry
 */
export const gatherLineage = async (api: Api, entryId: string): Promise<Lineage> => {
  const time = await api.get<TimeSide>('time-ingestion', `/entries/${entryId}`);
  const missing: string[] = [];
  const part = async <T>(what: string, absent: T, ask: () => Promise<T>): Promise<T> => {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof Failure) || error.exitCode === EXIT.notSignedIn) throw error;
      missing.push(`${what}: ${error.message}`);
      return absent;
    }
  };
  const [sourceRecords, reconciliation, cases, overrides, ...feeds] = await Promise.all([
    part(
      'source records',
      [],
      async () => (await api.get<Items<SourceRecord>>('time-ingestion', `/entries/${entryId}/source-records`)).items,
    ),
    part<Reconciled | null>('reconciliation', null, () => api.get('reconciliation', `/entries/${entryId}`)),
    part('cases', [], async () => (await api.get<Items<CaseOfEntry>>('exception-management', `/entries/${entryId}/cases`)).items),
    part('overrides', [], async () => (await api.get<Items<Override>>('governance', '/overrides', { entryId })).items),
    ...Object.values(FEEDS).map((feed) => part(feed, NOTHING, () => feedOf(api, feed, entryId))),
  ]);
  const ids = Object.values(FEEDS);
  return {
    entryId,
    traceId: time.entry.traceparent?.split('-')[1] ?? null,
    time,
    sourceRecords,
    feeds: Object.fromEntries(feeds.map((feed, at) => [ids[at]!, feed])),
    reconciliation,
    cases,
    overrides,
    missing,
  };
};

interface Items<T> {
  readonly items: readonly T[];
}
interface Feed {
  readonly postings: readonly PostingLine[];
  readonly documents: readonly PostingDocument[];
}
const NOTHING: Feed = { postings: [], documents: [] };

const feedOf = async (api: Api, feed: Service, entryId: string): Promise<Feed> => {
  const { postings } = await api.get<{ postings: readonly PostingLine[] }>(feed, '/postings', { entryId });
  const keys = [...new Set(postings.flatMap(({ documentKey }) => documentKey ?? []))];
  const documents: PostingDocument[] = [];
  for (let at = 0; at < keys.length; at += AT_ONCE)
    documents.push(
      ...(await Promise.all(keys.slice(at, at + AT_ONCE).map((key) => api.get<PostingDocument>(feed, `/documents/${key}`)))).map(
        // The other lines of a document are other people's hours.
        ({ lines: _, ...document }) => document,
      ),
    );
  return { postings, documents };
};

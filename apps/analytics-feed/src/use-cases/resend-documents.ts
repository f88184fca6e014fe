import type { PostingDocument } from '@tieout/connector-kit';
import { tell, toFrozenDocument, type Destination, type DocumentRow, type PostingRow } from '@tieout/delivery';
import type { PostgresLedger } from '@tieout/delivery/postgres';
import { Fault, UNASSIGNED } from '@tieout/model';
import type { RebuildStore, TakenDocument } from '../adapters/postgres/rebuild.store.js';
import { differsFrom } from '../domain/stands.js';

const BATCH = 20;
/** Longer than a request and its reading back: another replica takes over what a dead one had. */
const HOLD_MARGIN_MS = 10_000;
/** What failed lets the others go first. */
const AGAIN_MS = 2_000;

interface Result extends TakenDocument {
  readonly error?: unknown;
}

/**
 * Sends the documents of a rebuild once more, as they were frozen, and reads each back. The ledger stays as it is: it was right all
 * along, and an upsert under the same key has no second effect.
 */
export class ResendDocuments {
  constructor(
    private readonly ledger: PostgresLedger,
    private readonly destination: Destination,
    private readonly rebuilds: RebuildStore,
  ) {}

  async run(): Promise<'more' | 'idle'> {
    const { database, connections, documents, postings } = this.ledger;
    const { id, capabilities, budget } = this.destination;
    const locked = (await connections.read(database, id))?.locked ?? null;
    if (budget.paused() !== undefined || locked !== null) return 'idle';
    const holdMs = capabilities.requestTimeoutMs * 2 + HOLD_MARGIN_MS;
    const taken = await database.transaction((tx) => this.rebuilds.take(tx, id, { limit: BATCH, holdMs }));
    if (taken.length === 0) {
      await this.#finish();
      return 'idle';
    }
    const keys = taken.map(({ documentKey }) => documentKey);
    const rows = new Map((await documents.byKeys(database, keys)).map((row) => [row.documentKey, row]));
    const members = Map.groupBy(await postings.ofDocuments(database, keys), ({ documentKey }) => documentKey);
    const results = await Promise.all(
      taken.map(async (one): Promise<Result> => {
        try {
          await this.#send(rows.get(one.documentKey)!, members.get(one.documentKey) ?? []);
          return { ...one };
        } catch (error) {
          return { ...one, error };
        }
      }),
    );
    return this.#write(results);
  }

  async #write(results: readonly Result[]): Promise<'more' | 'idle'> {
    const { id } = this.destination;
    const failed = results.filter(({ error }) => error !== undefined);
    await this.ledger.database.transaction(async (tx) => {
      await this.rebuilds.done(
        tx,
        id,
        results.filter(({ error }) => error === undefined),
      );
      const messages = failed.map(({ error, ...one }) => ({ ...one, message: messageOf(error) }));
      await this.rebuilds.failed(tx, id, messages, AGAIN_MS);
    });
    return failed.length === 0 ? 'more' : 'idle';
  }

  async #send(row: DocumentRow, members: readonly PostingRow[]): Promise<void> {
    const { budget } = this.destination;
    const document: PostingDocument = toFrozenDocument(row, members);
    const target = this.destination.target();
    const outcome = await budget.use('send', () => target.post!(document));
    if (outcome.kind !== 'posted')
      throw new Fault(
        'ContractBroken',
        `load ${row.documentKey} was ${outcome.kind}${'message' in outcome ? `: ${outcome.message}` : ''}`,
      );
    const [booked] = await budget.use('read-back', () => target.readBack([outcome.externalId]));
    const difference = differsFrom(document, booked);
    if (difference !== undefined) throw new Fault('ContractBroken', `load ${row.documentKey}: ${difference}`);
  }

  /** Says once that nothing is left. */
  async #finish(): Promise<void> {
    const { database, clock } = this.ledger;
    const { id } = this.destination;
    await database.transaction(async (tx) => {
      if (!(await this.rebuilds.finish(tx, id, clock.now()))) return;
      await tell(tx, this.ledger, {
        audit: [{ action: 'warehouse.rebuilt', subjectKind: 'connection', subjectId: id, legalEntityId: UNASSIGNED }],
        events: [],
      });
    });
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

import type { BookedDocument } from '@tieout/connector-kit';
import type { PostingKey } from '@tieout/model';
import type { NewEvent, Tx } from '@tieout/persistence';
import { v5 } from 'uuid';
import { isBooked, isInFlight } from '../domain/posting-states.js';
import { withDeadline, type Destination } from './destination.js';
import { sizeOf, ungated, type Gate } from './gate.js';
import { CHANNELS, tell } from './ledger.js';
import { bookedEvents, type BookedRow, type ForgottenLine, type LedgerImport } from './ledger-import.js';
import type { Ledger } from './ports.js';
import { differenceFromLedger, linesOf } from './restore-lines.js';
import type { DocumentRow, PostingRow } from './rows.js';

export interface SurplusAnswer {
  readonly dryRun: boolean;
  /** Documents that stand beside the one that the ledger knows. */
  readonly documents: number;
  /** Lines of theirs, each of which is owed a reversal now. */
  readonly lines: number;
  /** What was found and left alone, each with the reason. */
  readonly refused: readonly string[];
}

interface Order {
  readonly postingKeys: readonly string[];
  readonly dryRun: boolean;
  readonly actor: string;
}

interface Twin {
  readonly carrier: DocumentRow;
  readonly document: BookedDocument;
}

/** Namespace of the keys of surplus lines in the ledger. Never change it: asked again, the same line must be known. */
const SURPLUS_LINE = 'c4a0f6f2-7f1e-5b39-9a55-2f0b8d3c6e71';
const surplusKey = (externalId: string, postingKey: string): PostingKey => v5(`${externalId} ${postingKey}`, SURPLUS_LINE);

/**
 * Lines that stand twice, because a destination that offers look-up only booked a request after we had looked: takes the surplus ones into
 * the ledger as what they are, booked and owed to nobody. The planner then reverses them like anything that stands wrongly.
 */
export class ReverseSurplus {
  constructor(
    private readonly ledger: Ledger,
    private readonly imports: LedgerImport,
    private readonly destinations: readonly Destination[],
  ) {}

  /** @throws Fault when a destination cannot be read now; asked again, what was taken is known */
  async reverse(o: Order, gate: Gate = ungated): Promise<SurplusAnswer> {
    const { database, documents } = this.ledger;
    const refused: string[] = [];
    const twins: Twin[] = [];
    const carriers = await database.transaction(async (tx) =>
      documents.lock(tx, await this.imports.everCarried(tx, o.postingKeys)),
    );
    for (const carrier of carriers) {
      const destination = this.destinations.find(({ id }) => id === carrier.destination);
      if (destination === undefined) continue;
      const found = await this.#beside(destination, carrier);
      if (typeof found === 'string') refused.push(found);
      else twins.push(...found.map((document) => ({ carrier, document })));
    }
    if (!o.dryRun) await this.#ask(gate, twins);
    let [count, lines] = [0, 0];
    for (const twin of twins) {
      const took = await database.transaction((tx) => this.#take(tx, twin, o));
      if (typeof took === 'string') refused.push(took);
      else [count, lines] = [count + 1, lines + took];
    }
    return { dryRun: o.dryRun, documents: count, lines, refused };
  }

  /** Documents with the reference of this one that the ledger does not know. @returns a text: why they cannot be told */
  async #beside({ target, budget, capabilities, id }: Destination, row: DocumentRow): Promise<BookedDocument[] | string> {
    const { database, timers } = this.ledger;
    if (row.state === 'sending' || row.state === 'queued' || row.state === 'unknown')
      return `document ${row.documentKey} is ${row.state}: its own look-up, or a person's word, comes first`;
    const read = <T>(request: () => Promise<T>): Promise<T> =>
      budget.use('look-up', () => withDeadline(timers, 'read', capabilities.requestTimeoutMs, request));
    if (target().findByReference === undefined) return `"${id}" cannot be asked for document ${row.documentKey}`;
    const found = await read(() => target().findByReference!(row.documentKey));
    const others = found.filter(({ state, externalId }) => state === 'posted' && externalId !== row.externalId);
    const known = await this.imports.adoptedBefore(
      database,
      id,
      others.map(({ externalId }) => externalId),
    );
    const taken = new Set(known.map(({ externalId }) => externalId));
    const ids = others.map(({ externalId }) => externalId).filter((externalId) => !taken.has(externalId));
    return ids.length === 0 ? [] : [...(await read(() => target().readBack(ids)))];
  }

  /** Each twin is taken in a transaction of its own, and the command is one. */
  #ask(gate: Gate, twins: readonly Twin[]): Promise<void> {
    return this.ledger.database.transaction(async (tx) => {
      const found: PostingRow[] = [];
      for (const twin of twins) {
        const rows = await this.#linesOf(tx, twin);
        if (typeof rows !== 'string') found.push(...rows);
      }
      await gate(tx, sizeOf(found.map(({ content }) => content)));
    });
  }

  /** @returns how many lines; a text: why it is left alone */
  async #take(tx: Tx, twin: Twin, o: Order): Promise<number | string> {
    const rows = await this.#linesOf(tx, twin);
    if (typeof rows === 'string') return rows;
    if (!o.dryRun) await this.#write(tx, twin, rows, o.actor);
    return rows.length;
  }

  /** The lines that it is a twin of; a text: why it is left alone. */
  async #linesOf(tx: Tx, { carrier, document }: Twin): Promise<PostingRow[] | string> {
    const { documents, postings } = this.ledger;
    await documents.lock(tx, [carrier.documentKey]);
    const lines = linesOf(document);
    const rows = new Map<string, PostingRow>(
      (
        await postings.lockByKeys(
          tx,
          lines.map((line) => line.postingKey),
        )
      ).map((row) => [row.postingKey, row]),
    );
    for (const line of lines) {
      const row = rows.get(line.postingKey);
      const no = (why: string): string => `${document.externalId} is left alone: line ${line.postingKey} ${why}`;
      if (row === undefined) return no('is not in the ledger');
      if (isInFlight(row.state)) return no('is on its way');
      // Nothing of it stands elsewhere: then this is the line itself, which a restore takes in.
      if (!isBooked(row.state)) return no(`is ${row.state}, so it does not stand twice`);
      const difference = differenceFromLedger(row.content, document, line);
      if (difference !== undefined) return no(`differs: ${difference}`);
    }
    return [...rows.values()];
  }

  async #write(tx: Tx, { carrier, document }: Twin, rows: readonly PostingRow[], actor: string): Promise<void> {
    const { imports, ledger } = this;
    const { clock, newKey, notices } = ledger;
    const now = clock.now();
    // Whatever it was, there it stands with its own sign: a post that nobody wants.
    const surplus = rows.map((row): ForgottenLine => ({
      destination: row.destination,
      postingKey: surplusKey(document.externalId, row.postingKey),
      entryId: row.entryId,
      releaseNo: row.releaseNo,
      leg: row.leg,
      kind: 'post',
      reverses: undefined,
      content: row.content,
      ...(row.account !== null && { account: row.account }),
      ...(row.balancingAccount !== null && { balancingAccount: row.balancingAccount }),
    }));
    const booked: BookedRow = {
      documentKey: newKey(),
      destination: carrier.destination,
      legalEntityId: carrier.legalEntityId,
      currency: carrier.currency,
      postingPeriod: document.postingPeriod,
      postingDate: document.postingDate ?? carrier.postingDate,
      externalId: document.externalId,
      lines: surplus,
    };
    await imports.insertForgotten(tx, surplus, now);
    await imports.adoptLines(tx, booked, now);
    await imports.insertBooked(tx, [booked], now);
    const standsAs = new Map(surplus.map(({ postingKey }, index) => [postingKey, rows[index]!.postingKey]));
    await imports.rememberAdopted(
      tx,
      carrier.destination,
      [...standsAs].map(([postingKey, lineKey]) => ({ externalId: document.externalId, lineKey, postingKey })),
    );
    await imports.planEntries(
      tx,
      carrier.destination,
      rows.map(({ entryId }) => entryId),
    );
    await notices.wake(tx, CHANNELS.plan);
    await tell(tx, ledger, {
      audit: [
        {
          actor,
          action: 'document.surplus',
          subjectKind: 'document',
          subjectId: booked.documentKey,
          legalEntityId: carrier.legalEntityId,
          after: {
            state: 'confirmed',
            externalId: document.externalId,
            twinOf: carrier.documentKey,
            postingKeys: [...standsAs.keys()],
          },
          reason: `${document.externalId} stands beside ${carrier.externalId ?? 'what its lines went out with'}: its lines are reversed`,
        },
      ],
      events: (await bookedEvents(tx, ledger, [booked.documentKey])).map((event) =>
        withLineKeys(event, shownAs(document, standsAs)),
      ),
    });
  }
}

/** The key under which the destination shows each surplus line: that of the line it is a twin of, or of the sum that it is in. */
const shownAs = (document: BookedDocument, standsAs: ReadonlyMap<string, string>): ReadonlyMap<string, string> => {
  const lineOf = new Map(
    document.lines.flatMap((line) => (line.members ?? [line]).map(({ postingKey }) => [postingKey, line.postingKey] as const)),
  );
  return new Map([...standsAs].map(([surplus, twin]) => [surplus, lineOf.get(twin)!]));
};

const withLineKeys = (event: NewEvent, shown: ReadonlyMap<string, string>): NewEvent => {
  const body = event.body as { readonly lines?: readonly { readonly postingKey: string }[] };
  if (body.lines === undefined) return event;
  const lines = body.lines.map((line) => ({ ...line, lineKey: shown.get(line.postingKey)! }));
  return { ...event, body: { ...body, lines } as unknown as NewEvent['body'] };
};

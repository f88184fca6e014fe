import type { BookedDocument } from '@tieout/connector-kit';
import type { NewEvent, Tx } from '@tieout/persistence';
import type { AdoptionRules } from '@tieout/policy';
import { matchLines, type Adoption, type AdoptionReport, type StandingLine } from '../domain/adoption.js';
import type { Accounts } from '../domain/freeze.js';
import type { Destination } from './destination.js';
import { dissolve } from './dissolve.js';
import { sizeOf, ungated, type Gate } from './gate.js';
import { isHeld } from './holds.js';
import { CHANNELS, tell, type AuditNote } from './ledger.js';
import { bookedEvents, ledgerPages, type BookedRow, type LedgerImport } from './ledger-import.js';
import { lineCleared } from './ledger-events.js';
import type { Ledger } from './ports.js';
import type { PostingRow } from './rows.js';

export interface AdoptAnswer {
  readonly dryRun: boolean;
  readonly matched: number;
  readonly ambiguous: readonly { readonly ours: readonly string[]; readonly theirs: readonly string[] }[];
  readonly unmatched: readonly string[];
}

export type AdoptRefusal = { readonly refused: string };

const lockText = (actor: string, since: string): string => `lines of a predecessor are being adopted (${actor}, since ${since})`;
const LOCKED = /^lines of a predecessor are being adopted/;

interface Order {
  readonly destination: string;
  readonly from: string;
  readonly to: string;
  readonly dryRun: boolean;
  readonly actor: string;
}

/** Takes lines that a predecessor posted before go-live into the ledger, so that the first sync posts nothing twice. */
export class AdoptLines {
  constructor(
    private readonly ledger: Ledger,
    private readonly imports: LedgerImport,
    private readonly destinations: readonly Destination[],
    private readonly rulesOf: (connection: string) => AdoptionRules | undefined,
  ) {}

  /** @throws Fault when the destination cannot be read now; nothing was adopted then */
  async adopt(o: Order, gate: Gate = ungated): Promise<AdoptAnswer | AdoptRefusal> {
    const destination = this.destinations.find(({ id }) => id === o.destination);
    const rules = this.rulesOf(o.destination);
    if (destination === undefined) return { refused: `"${o.destination}" is no destination of this feed` };
    if (rules === undefined) return { refused: `policy names no adoption rules for "${o.destination}" (routing.yaml, adoption)` };
    if (destination.target().readLedger === undefined)
      return { refused: `"${o.destination}" cannot list what stands in it: its connector has no readLedger` };
    const lock = await this.#lock(o.destination, lockText(o.actor, this.ledger.clock.now()));
    if ('refused' in lock) return lock;
    const { mine } = lock;
    try {
      const standing = await this.#strangers(destination, o);
      return await this.ledger.database.transaction((tx) => this.#match(tx, o, { standing, rules, mine, gate }));
    } finally {
      await this.#release(o.destination, mine);
    }
  }

  /**
   * Nothing is frozen or sent meanwhile: what we are about to adopt could be on its way. An adoption whose process is gone is taken over;
   * one that still runs notices. What a person locked before go-live serves as well, and stays.
   */
  async #lock(destination: string, mine: string): Promise<{ mine: string } | AdoptRefusal> {
    const { database, connections } = this.ledger;
    return database.transaction(async (tx) => {
      const { locked } = await connections.lock(tx, destination);
      if (locked !== null && isHeld(locked)) return { mine: locked };
      if (locked !== null && !LOCKED.test(locked))
        return { refused: `sending to "${destination}" is locked: ${locked}. Ask again when it is open` };
      await connections.setLock(tx, destination, mine);
      return { mine };
    });
  }

  async #release(destination: string, mine: string): Promise<void> {
    const { database, connections, notices } = this.ledger;
    await database.transaction(async (tx) => {
      if (!LOCKED.test(mine) || (await connections.lock(tx, destination)).locked !== mine) return;
      await connections.setLock(tx, destination, null);
      await notices.wake(tx, CHANNELS.freeze);
    });
  }

  /** Lines of documents that carry no reference of ours, without those that were adopted before. */
  async #strangers(destination: Destination, window: { from: string; to: string }): Promise<StandingLine[]> {
    const { database, documents } = this.ledger;
    const found: StandingLine[] = [];
    for await (const page of ledgerPages(this.ledger, destination, window)) {
      const posted = page.filter((document) => document.state === 'posted');
      const references = posted.flatMap(({ reference }) => uuidOf(reference));
      const ours = await database.transaction((tx) => documents.lock(tx, references));
      const known = new Set(ours.map((row) => row.documentKey));
      const strange = posted.filter(({ reference }) => !uuidOf(reference).some((key) => known.has(key)));
      const adopted = await this.imports.adoptedBefore(
        database,
        destination.id,
        strange.map(({ externalId }) => externalId),
      );
      const taken = new Set(adopted.map(({ externalId, lineKey }) => `${externalId} ${lineKey}`));
      for (const document of strange)
        for (const line of document.lines)
          if (!taken.has(`${document.externalId} ${line.postingKey}`)) found.push({ document, line });
    }
    return found;
  }

  async #match(
    tx: Tx,
    o: Order,
    { standing, rules, mine, gate }: { standing: readonly StandingLine[]; rules: AdoptionRules; mine: string; gate: Gate },
  ): Promise<AdoptAnswer | AdoptRefusal> {
    const { imports, ledger } = this;
    if ((await ledger.connections.lock(tx, o.destination)).locked !== mine)
      return { refused: 'somebody else began to adopt, or sending was locked meanwhile: nothing was adopted; ask again' };
    const open = await this.#open(tx, o);
    const { entries, documents } = await imports.unsettled(tx, o.destination);
    // What is on its way, or not planned yet, could be what the predecessor booked, and nobody would see it.
    if (entries + documents > 0)
      return {
        refused: `${entries} entries are not planned yet and ${documents} documents are on their way there: ask again when they have come to rest`,
      };
    const accounts = await this.#accounts(tx, open, rules);
    const report = matchLines(
      open.map((row) => ({ postingKey: row.postingKey, entryId: row.entryId, content: row.content, ...accounts(row) })),
      standing,
      rules,
    );
    if (!o.dryRun) {
      await gate(tx, sizeOf(report.matched.map(({ open: { content } }) => content)));
      await this.#write(tx, o, report.matched, new Map(open.map((row) => [row.postingKey, row])));
    }
    return answerOf(report, o.dryRun);
  }

  /** What is owed and has not left. A freezer or sender that began before the lock may end after it: then once more. */
  async #open(tx: Tx, o: Order): Promise<PostingRow[]> {
    const { imports, ledger } = this;
    if (o.dryRun) return imports.openPosts(tx, o.destination);
    for (;;) {
      await dissolve(tx, ledger, await imports.unsent(tx, o.destination), 'lines of a predecessor are being adopted');
      const open = await imports.openPosts(tx, o.destination);
      if ((await imports.unsent(tx, o.destination)).length === 0) return open;
    }
  }

  /** Where the lines would go, when policy matches by that. */
  async #accounts(tx: Tx, open: readonly PostingRow[], { matchBy }: AdoptionRules) {
    if (!matchBy.includes('account') && !matchBy.includes('balancingAccount')) return () => ({});
    const place = await this.ledger.rules.placer(tx, open, new Map());
    return (row: PostingRow): Partial<Accounts> => {
      const at = place(row);
      return at.kind === 'placed' ? at.accounts : {};
    };
  }

  async #write(tx: Tx, o: Order, matched: readonly Adoption[], open: ReadonlyMap<string, PostingRow>): Promise<void> {
    const { imports, ledger } = this;
    const { clock, newKey, rules } = ledger;
    const now = clock.now();
    const rows = [...Map.groupBy(matched, ({ standing }) => standing.document)].map(([document, pairs]) =>
      bookedRow(o.destination, newKey(), document, pairs),
    );
    for (const row of rows) await imports.adoptLines(tx, row, now);
    await imports.insertBooked(tx, rows, now);
    await imports.rememberAdopted(
      tx,
      o.destination,
      matched.map(({ open: { postingKey }, standing: { document, line } }) => ({
        externalId: document.externalId,
        lineKey: line.postingKey,
        postingKey,
      })),
    );
    const cleared = matched.map(({ open: line }) => open.get(line.postingKey)!).filter((row) => row.blockedReason !== null);
    const booked = await bookedEvents(
      tx,
      ledger,
      rows.map((row) => row.documentKey),
    );
    await tell(tx, ledger, {
      audit: rows.flatMap((row) => adoptedNotes(o.actor, row)),
      events: [...booked, ...cleared.map((row): NewEvent => lineCleared(rules, row, now))],
    });
  }
}

const adoptedNotes = (actor: string, row: BookedRow): AuditNote[] =>
  row.lines.map((line) => ({
    actor,
    action: 'posting.adopted',
    subjectKind: 'posting',
    subjectId: line.postingKey,
    legalEntityId: row.legalEntityId,
    before: { state: 'pending' },
    after: { state: 'confirmed', externalId: row.externalId, document: row.documentKey },
  }));

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
export const uuidOf = (reference: string | undefined): string[] =>
  reference !== undefined && UUID.test(reference) ? [reference.toLowerCase()] : [];

const bookedRow = (destination: string, documentKey: string, document: BookedDocument, pairs: readonly Adoption[]): BookedRow => {
  const { content } = pairs[0]!.open;
  return {
    documentKey,
    destination,
    legalEntityId: content.legalEntityId,
    currency: content.currency,
    postingPeriod: document.postingPeriod,
    postingDate: document.postingDate ?? content.workDate,
    externalId: document.externalId,
    lines: pairs.map(({ open, standing }) => ({
      postingKey: open.postingKey,
      entryId: open.entryId,
      // A reversal goes to the accounts where the predecessor booked.
      account: standing.line.account,
      balancingAccount: standing.line.balancingAccount,
    })),
  };
};

const answerOf = (report: AdoptionReport, dryRun: boolean): AdoptAnswer => ({
  dryRun,
  matched: report.matched.length,
  ambiguous: report.ambiguous.map(({ open, standing }) => ({
    ours: open.map((line) => line.postingKey),
    theirs: standing.map(({ document, line }) => `${document.externalId} ${line.postingKey}`),
  })),
  unmatched: report.unmatched.map(({ document, line }) => `${document.externalId} ${line.postingKey}`),
});

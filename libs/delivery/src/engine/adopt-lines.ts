import type { BookedDocument } from '@tieout/connector-kit';
import type { Tx } from '@tieout/persistence';
import type { AdoptionRules } from '@tieout/policy';
import { matchLines, type Adoption, type AdoptionReport, type StandingLine } from '../domain/adoption.js';
import { withDeadline, type Destination } from './destination.js';
import { dissolve } from './dissolve.js';
import { tell } from './ledger.js';
import { bookedEvents, ledgerPages, type BookedRow, type LedgerImport } from './ledger-import.js';
import type { Ledger } from './ports.js';

export interface AdoptAnswer {
  readonly dryRun: boolean;
  readonly matched: number;
  readonly ambiguous: readonly { readonly ours: readonly string[]; readonly theirs: readonly string[] }[];
  readonly unmatched: readonly string[];
}

export type AdoptRefusal = { readonly refused: string };

const LOCK = 'lines of a predecessor are being adopted';

/** Takes lines that a predecessor posted before go-live into the ledger, so that the first sync posts nothing twice. */
export class AdoptLines {
  constructor(
    private readonly ledger: Ledger,
    private readonly imports: LedgerImport,
    private readonly destinations: readonly Destination[],
    private readonly rulesOf: (connection: string) => AdoptionRules | undefined,
  ) {}

  async adopt(o: {
    destination: string;
    from: string;
    to: string;
    dryRun: boolean;
    actor: string;
  }): Promise<AdoptAnswer | AdoptRefusal> {
    const destination = this.destinations.find(({ id }) => id === o.destination);
    const rules = this.rulesOf(o.destination);
    if (destination === undefined) return { refused: `"${o.destination}" is no destination of this feed` };
    if (rules === undefined) return { refused: `policy names no adoption rules for "${o.destination}" (routing.yaml, adoption)` };
    if (destination.target().readLedger === undefined) return { refused: `"${o.destination}" cannot list what stands in it` };
    const release = await this.#lock(o.destination);
    try {
      const standing = await this.#strangers(destination, o);
      const report = await this.ledger.database.transaction((tx) => this.#match(tx, o, standing, rules));
      return answerOf(report, o.dryRun);
    } finally {
      await release();
    }
  }

  /** Nothing is sent meanwhile: what we are about to adopt could be on its way. */
  async #lock(destination: string): Promise<() => Promise<void>> {
    const { database, connections } = this.ledger;
    return database.transaction(async (tx) => {
      const before = await connections.lock(tx, destination);
      if (before.locked === null) await connections.setLock(tx, destination, LOCK);
      return () =>
        before.locked === null ? database.transaction((end) => connections.setLock(end, destination, null)) : Promise.resolve();
    });
  }

  /** Lines of documents that carry no reference of ours. */
  async #strangers(destination: Destination, window: { from: string; to: string }): Promise<StandingLine[]> {
    const { database, documents, timers } = this.ledger;
    const { budget, capabilities } = destination;
    const found: StandingLine[] = [];
    const pages = ledgerPages((cursor) =>
      budget.use('look-up', () =>
        withDeadline(timers, 'read', capabilities.requestTimeoutMs, () => destination.target().readLedger!(window, cursor)),
      ),
    );
    for await (const page of pages) {
      const posted = page.filter((document) => document.state === 'posted');
      const ours = await database.transaction((tx) =>
        documents.lock(
          tx,
          posted.flatMap(({ reference }) => uuidOf(reference)),
        ),
      );
      const known = new Set(ours.map((row) => row.documentKey));
      for (const document of posted)
        if (document.reference === undefined || !known.has(document.reference))
          found.push(...document.lines.map((line) => ({ document, line })));
    }
    return found;
  }

  async #match(
    tx: Tx,
    o: { destination: string; dryRun: boolean; actor: string },
    standing: readonly StandingLine[],
    rules: AdoptionRules,
  ): Promise<AdoptionReport> {
    const { imports, ledger } = this;
    if (!o.dryRun)
      await dissolve(tx, ledger, await imports.unsent(tx, o.destination), 'lines of a predecessor are being adopted');
    const open = await imports.openPosts(tx, o.destination);
    const report = matchLines(
      open.map((row) => ({ postingKey: row.postingKey, entryId: row.entryId, content: row.content })),
      standing,
      rules,
    );
    if (!o.dryRun) await this.#write(tx, o, report.matched);
    return report;
  }

  async #write(tx: Tx, o: { destination: string; actor: string }, matched: readonly Adoption[]): Promise<void> {
    const { imports, ledger } = this;
    const now = ledger.clock.now();
    const rows = [...Map.groupBy(matched, ({ standing }) => standing.document)].map(([document, pairs]) =>
      bookedRow(o.destination, ledger.newKey(), document, pairs),
    );
    await imports.insertBooked(tx, rows, now);
    for (const row of rows) await imports.adoptLines(tx, row, now);
    await tell(tx, ledger, {
      audit: rows.flatMap((row) =>
        row.lines.map((line) => ({
          actor: o.actor,
          action: 'posting.adopted',
          subjectKind: 'posting',
          subjectId: line.postingKey,
          legalEntityId: row.legalEntityId,
          before: { state: 'pending' },
          after: { state: 'confirmed', externalId: row.externalId, document: row.documentKey },
        })),
      ),
      events: await bookedEvents(
        tx,
        ledger,
        rows.map((row) => row.documentKey),
      ),
    });
  }
}

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
      account: standing.line.account ?? '',
      balancingAccount: standing.line.balancingAccount ?? '',
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

import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { BookedDocument, PostingDocument, PostingTarget } from '../posting-target.js';
import { book, expectKept, patienceMs, postedId } from './booking.js';
import { newDocument, reversalOf, summarisedDocument } from './documents.js';
import { itReadsFaultsTruly } from './faults.js';
import type { SuiteContext } from './context.js';
import type { PostingFixture } from './subject.js';

const YEAR_BEFORE = { from: '1990-01-01', to: '1990-12-31' };

/** `readLedger`: everything that stands, for adoption and restore. Half a ledger would post the other half again. */
export const describeLedger = (context: SuiteContext): void => {
  const open = (): PostingTarget => context.connector.postingTarget!(context.config(), context.deps());
  const readAll = async (
    window: { readonly from: string; readonly to: string },
    between?: () => Promise<unknown>,
  ): Promise<BookedDocument[]> => {
    const documents: BookedDocument[] = [];
    const cursors = new Set<string>();
    let cursor: string | undefined;
    do {
      const page = await open().readLedger!(window, cursor);
      documents.push(...page.documents);
      cursor = page.next;
      if (cursor !== undefined) expect(cursors.has(cursor), 'a cursor came twice').toBe(false);
      if (cursor !== undefined) cursors.add(cursor);
      if (cursors.size === 1) await between?.();
    } while (cursor !== undefined);
    return documents;
  };

  describe('ledger', () => {
    let fixture: PostingFixture;
    beforeAll(() => {
      fixture = context.fixture('posting');
    });
    const bookAll = async (documents: readonly PostingDocument[]): Promise<string[]> => {
      const capabilities = context.capabilities();
      const ids: string[] = [];
      for (const document of documents) ids.push(postedId(await book(open(), document, patienceMs(capabilities))));
      await delay(capabilities.readLagMs);
      return ids;
    };

    it('shows every document of the window once, with whole lines and as they were sent', async ({ skip }) => {
      if (!open().readLedger) return skip('the ledger cannot be read as a whole');
      const first = newDocument(fixture);
      const documents = [
        first,
        reversalOf(fixture, first),
        ...Array.from({ length: 4 }, () => newDocument(fixture, { lines: 1 })),
      ];
      const ids = await bookAll(documents);
      // A document that comes in while the pages are read may be missing; none of the others may.
      const ledger = await readAll({ from: fixture.openDate, to: fixture.openDate }, () => bookAll([newDocument(fixture)]));
      const numbers = ledger.map((booked) => booked.externalId);
      expect(new Set(numbers).size).toBe(numbers.length);
      for (const [n, document] of documents.entries()) {
        const booked = ledger.find((one) => one.externalId === ids[n]);
        if (!booked) throw new Error(`document ${ids[n]} is missing in the ledger`);
        expectKept(booked, document, false);
        expect([document.documentKey, undefined]).toContain(booked.reference);
        if (context.capabilities().protocol !== 'none') expect(booked.reference).toBe(document.documentKey);
        expect(booked.postingDate).toBe(document.postingDate);
      }
      expect(await readAll(YEAR_BEFORE)).toEqual([]);
    });

    it('shows which postings a summed line stands for, where the vendor keeps it', async ({ skip }) => {
      if (!open().readLedger) return skip('the ledger cannot be read as a whole');
      if (fixture.singleLinesOnly) return skip('the vendor takes single postings only');
      const document = summarisedDocument(fixture);
      const [id] = await bookAll([document]);
      const ledger = await readAll({ from: fixture.openDate, to: fixture.openDate });
      expectKept(
        ledger.find((one) => one.externalId === id)!,
        document,
        fixture.keepsMembers ?? false,
      );
    });

    itReadsFaultsTruly(context, (config, deps) => {
      const target = context.connector.postingTarget!(config, deps);
      return {
        ...(target.readLedger && {
          readLedger: () => target.readLedger!({ from: fixture.openDate, to: fixture.openDate }, undefined),
        }),
      };
    });
  });
};

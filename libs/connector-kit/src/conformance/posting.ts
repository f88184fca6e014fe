import { setTimeout as delay } from 'node:timers/promises';
import { sameDecimal } from '@tieout/model';
import { beforeAll, describe, expect, it } from 'vitest';
import type { BookedDocument, FoundDocument, PostingDocument, PostingTarget, PostOutcome } from '../posting-target.js';
import { expectFault, PATIENCE_MS, within, type SuiteContext } from './context.js';
import { newDocument, reversalOf } from './documents.js';
import { itReadsFaultsTruly } from './faults.js';
import { cutAfter, refused, silent, type SeenRequest } from './network.js';
import type { PostingFixture } from './subject.js';

/** The destination's own protocol, from an unsent document to a booked one. */
const book = async (target: PostingTarget, document: PostingDocument): Promise<PostOutcome> => {
  if (target.post) return target.post(document);
  const draft = await target.createDraft!(document);
  return draft.kind === 'rejected' ? draft : target.postDraft!(draft.draftId, document);
};
/** The exchange after which the vendor holds something. */
const firstWrite = (target: PostingTarget, document: PostingDocument): Promise<unknown> =>
  target.post ? target.post(document) : target.createDraft!(document);

const posted = (outcome: PostOutcome): string => {
  if (outcome.kind !== 'posted') throw new Error(`expected posted, got rejected (${outcome.cause}): ${outcome.message}`);
  expect(outcome.refused ?? []).toEqual([]);
  return outcome.externalId;
};

const expectBooked = (booked: BookedDocument | undefined, document: PostingDocument): void => {
  expect(booked?.state).toBe('posted');
  expect(booked?.postingPeriod).toBe(document.postingPeriod);
  expect(booked?.lines.map((line) => line.postingKey).sort()).toEqual(document.lines.map((line) => line.postingKey).sort());
  for (const line of document.lines) {
    const found = booked!.lines.find((other) => other.postingKey === line.postingKey)!;
    expect(sameDecimal(found.hours, line.hours), `hours ${found.hours}, sent ${line.hours}`).toBe(true);
    expect(sameDecimal(found.amount, line.amount), `amount ${found.amount}, sent ${line.amount}`).toBe(true);
  }
};

export const describePosting = (context: SuiteContext): void => {
  const capabilities = context.connector.manifest.posting!;
  const drafts = capabilities.protocol === 'draft-then-post';
  const open = (network?: typeof fetch): PostingTarget =>
    context.connector.postingTarget!(context.config(), context.deps(network));
  /** Reads again until the vendor's declared read lag and settle time are over. */
  const find = async (documentKey: string, count: number): Promise<readonly FoundDocument[]> => {
    const deadline = Date.now() + capabilities.readLagMs + capabilities.settleMs + 1_000;
    for (;;) {
      const found = await open().findByReference(documentKey);
      if (found.length === count || Date.now() > deadline) return found;
      await delay(50);
    }
  };

  describe('posting', () => {
    let fixture: PostingFixture;
    let writes: NonNullable<PostingFixture['writes']>;
    beforeAll(() => {
      fixture = context.fixture('posting');
      writes = fixture.writes ?? ((request: SeenRequest) => (request.method === 'GET' ? undefined : 'post'));
    });

    it('implements the protocol it declares', async () => {
      const target = open();
      await target.verifyAccess();
      expect({
        post: target.post !== undefined,
        createDraft: target.createDraft !== undefined,
        postDraft: target.postDraft !== undefined,
        discardDraft: target.discardDraft !== undefined,
      }).toEqual({
        post: !drafts,
        createDraft: drafts,
        postDraft: drafts,
        discardDraft: drafts,
      });
    });

    it('posts, finds and reads back every line with exact decimals', async () => {
      const document = newDocument(fixture);
      const externalId = posted(await book(open(), document));
      expect(await find(document.documentKey, 1)).toEqual([{ externalId, state: 'posted' }]);
      const [booked, ...more] = await open().readBack([externalId]);
      expect(more).toEqual([]);
      expect(booked?.externalId).toBe(externalId);
      expectBooked(booked, document);
    });

    it('finds nothing for a reference that was never sent', async () => {
      expect(await open().findByReference(newDocument(fixture).documentKey)).toEqual([]);
    });

    it('books reversals with their sign', async () => {
      const document = newDocument(fixture);
      posted(await book(open(), document));
      const reversal = reversalOf(fixture, document);
      const externalId = posted(await book(open(), reversal));
      expect(await find(reversal.documentKey, 1)).toHaveLength(1);
      expectBooked((await open().readBack([externalId]))[0], reversal);
    });

    it('sending again what was booked books nothing twice', async ({ skip }) => {
      if (capabilities.protocol === 'look-up') return skip('this protocol looks before it sends');
      const document = newDocument(fixture);
      const target = open();
      if (drafts) {
        const draft = await target.createDraft!(document);
        if (draft.kind !== 'drafted') throw new Error(draft.message);
        expect(posted(await target.postDraft!(draft.draftId, document))).toBe(
          posted(await target.postDraft!(draft.draftId, document)),
        );
      } else expect(posted(await target.post!(document))).toBe(posted(await target.post!(document)));
      expect(await find(document.documentKey, 1)).toHaveLength(1);
      expect(await fixture.countDocuments(document.documentKey)).toBe(1);
    });

    it('a connection cut after the vendor committed is OutcomeUnknown, and the look-up finds exactly one', async () => {
      const document = newDocument(fixture);
      await expectFault(firstWrite(open(cutAfter((request) => writes(request) !== undefined)), document), 'OutcomeUnknown');
      expect((await find(document.documentKey, 1)).map((found) => found.state)).toEqual([drafts ? 'draft' : 'posted']);
      expect(await fixture.countDocuments(document.documentKey)).toBe(1);
    });

    it('a connection cut after a draft was posted is OutcomeUnknown; posting the draft again answers posted', async ({
      skip,
    }) => {
      if (!drafts) return skip('no drafts');
      const document = newDocument(fixture);
      const draft = await open().createDraft!(document);
      if (draft.kind !== 'drafted') throw new Error(draft.message);
      await expectFault(
        open(cutAfter((request) => writes(request) === 'post')).postDraft!(draft.draftId, document),
        'OutcomeUnknown',
      );
      posted(await open().postDraft!(draft.draftId, document));
      expect((await find(document.documentKey, 1)).map((found) => found.state)).toEqual(['posted']);
    });

    it('a discarded draft is gone, and discarding it again is no fault', async ({ skip }) => {
      if (!drafts) return skip('no drafts');
      const document = newDocument(fixture);
      const draft = await open().createDraft!(document);
      if (draft.kind !== 'drafted') throw new Error(draft.message);
      await open().discardDraft!(draft.draftId);
      expect(await find(document.documentKey, 0)).toEqual([]);
      await open().discardDraft!(draft.draftId);
    });

    it('a write that never reached the vendor is Unavailable, and nothing stands there', async () => {
      const document = newDocument(fixture);
      await expectFault(firstWrite(open(refused), document), 'Unavailable');
      expect(await fixture.countDocuments(document.documentKey)).toBe(0);
    });

    it('a write without an answer is OutcomeUnknown within the deadline', async ({ skip }) => {
      const { impatient } = context.vendor;
      if (!impatient) return skip('the system has no network');
      const quiet: typeof fetch = (input, init) => {
        const request = {
          method: init?.method ?? 'GET',
          url: String(input),
          body: typeof init?.body === 'string' ? init.body : '',
        };
        return writes(request) === undefined ? fetch(input, init) : silent(input, init);
      };
      const target = context.connector.postingTarget!(context.config(impatient), context.deps(quiet));
      await expectFault(within(PATIENCE_MS, firstWrite(target, newDocument(fixture))), 'OutcomeUnknown');
    });

    it('wrong credentials on a write are CredentialsRejected', async ({ skip }) => {
      const { wrongCredentials } = context.vendor;
      if (!wrongCredentials) return skip('the system has no credentials');
      const target = context.connector.postingTarget!(context.config(wrongCredentials), context.deps());
      await expectFault(firstWrite(target, newDocument(fixture)), 'CredentialsRejected');
    });

    it('a closed period is a rejection that says so, and nothing stands as posted', async () => {
      const document = newDocument(fixture, { closed: true });
      const outcome = await book(open(), document);
      expect(outcome).toMatchObject({ kind: 'rejected', cause: 'period-closed' });
      expect((await find(document.documentKey, 0)).filter((found) => found.state === 'posted')).toEqual([]);
    });

    it('an invalid line is rejected, named where the vendor names it', async ({ skip }) => {
      if (!fixture.invalidLine) return skip('the vendor checks nothing');
      const document = newDocument(fixture, { spoil: fixture.invalidLine });
      const outcome = await book(open(), document);
      const bad = document.lines[1]!.postingKey;
      const named = outcome.kind === 'rejected' ? outcome.lines : (outcome.refused ?? []);
      expect(outcome.kind).toBe(capabilities.partialAcceptance ? 'posted' : 'rejected');
      expect(named.filter((line) => line.postingKey !== bad)).toEqual([]);
      if (outcome.kind === 'rejected') {
        expect(outcome.message.length).toBeGreaterThan(5);
        expect((await find(document.documentKey, 0)).filter((found) => found.state === 'posted')).toEqual([]);
      } else expect(named.map((line) => line.postingKey)).toEqual([bad]);
    });

    it('reads back several documents at once and leaves out what does not exist', async () => {
      const documents = [newDocument(fixture, { lines: 1 }), newDocument(fixture, { lines: 2 })];
      const ids: string[] = [];
      for (const document of documents) ids.push(posted(await book(open(), document)));
      for (const document of documents) await find(document.documentKey, 1);
      const booked = await open().readBack([...ids, '99999999']);
      expect(booked.map((one) => one.externalId).sort()).toEqual([...ids].sort());
      expect(await open().readBack([])).toEqual([]);
    });

    itReadsFaultsTruly(context, (config, deps) => {
      const target = context.connector.postingTarget!(config, deps);
      return {
        verifyAccess: () => target.verifyAccess(),
        findByReference: () => target.findByReference('d0000000-0000-4000-8000-000000000000'),
        readBack: () => target.readBack(['1']),
      };
    });
  });
};

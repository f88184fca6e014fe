import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { FoundDocument, PostingCapabilities, PostingDocument, PostingTarget } from '../posting-target.js';
import { book as bookDocument, expectBooked, firstWrite, patienceMs, postedId, settled } from './booking.js';
import { expectFault, PATIENCE_MS, within, type SuiteContext } from './context.js';
import { newDocument, reversalOf } from './documents.js';
import { itReadsFaultsTruly } from './faults.js';
import { cutAfter, refused, silent, type SeenRequest } from './network.js';
import type { PostingFixture } from './subject.js';

export const describePosting = (context: SuiteContext): void => {
  const open = (network?: typeof fetch): PostingTarget =>
    context.connector.postingTarget!(context.config(), context.deps(network));

  describe('posting', () => {
    let fixture: PostingFixture;
    let capabilities: PostingCapabilities;
    let drafts: boolean;
    let lookUp: boolean;
    let writes: NonNullable<PostingFixture['writes']>;
    beforeAll(() => {
      fixture = context.fixture('posting');
      capabilities = context.capabilities();
      drafts = capabilities.protocol === 'draft-then-post';
      lookUp = capabilities.protocol !== 'none';
      writes = fixture.writes ?? ((request: SeenRequest) => (request.method === 'GET' ? undefined : 'post'));
    });
    const book = (target: PostingTarget, document: PostingDocument) => bookDocument(target, document, patienceMs(capabilities));
    const count = (document: PostingDocument): Promise<number> => fixture.countDocuments(document.documentKey, document);
    /** Reads again until as many stand there as should, or the vendor's declared read lag and settle time are over. */
    const find = async (
      documentKey: string,
      wanted: number,
      state: FoundDocument['state'] = 'posted',
    ): Promise<readonly FoundDocument[]> => {
      const deadline = Date.now() + patienceMs(capabilities);
      for (;;) {
        const found = await open().findByReference!(documentKey);
        if ((found.length === wanted && found.every((one) => one.state === state)) || Date.now() > deadline) return found;
        await delay(50);
      }
    };
    const postedNow = async (document: PostingDocument): Promise<number> =>
      lookUp ? (await find(document.documentKey, 0)).filter((found) => found.state === 'posted').length : count(document);

    it('implements the protocol it declares', async () => {
      const target = open();
      await target.verifyAccess();
      expect({
        post: target.post !== undefined,
        createDraft: target.createDraft !== undefined,
        postDraft: target.postDraft !== undefined,
        discardDraft: target.discardDraft !== undefined,
        findByReference: target.findByReference !== undefined,
        outcomeOf: target.outcomeOf !== undefined,
      }).toEqual({
        post: !drafts,
        createDraft: drafts,
        postDraft: drafts,
        discardDraft: drafts,
        findByReference: lookUp,
        outcomeOf: capabilities.answersLater ?? false,
      });
    });

    it('posts, finds and reads back every line with exact decimals', async () => {
      const document = newDocument(fixture);
      const externalId = postedId(await book(open(), document));
      if (lookUp) expect(await find(document.documentKey, 1)).toEqual([{ externalId, state: 'posted' }]);
      else expect(await count(document)).toBe(1);
      await delay(lookUp ? 0 : capabilities.readLagMs);
      const [booked, ...more] = await open().readBack([externalId]);
      expect(more).toEqual([]);
      expect(booked?.externalId).toBe(externalId);
      expectBooked(booked, document);
    });

    it('finds nothing for a reference that was never sent', async ({ skip }) => {
      if (!lookUp) return skip('no look-up');
      expect(await open().findByReference!(newDocument(fixture).documentKey)).toEqual([]);
    });

    it('books reversals with their sign', async () => {
      const document = newDocument(fixture);
      postedId(await book(open(), document));
      const reversal = reversalOf(fixture, document);
      const externalId = postedId(await book(open(), reversal));
      await delay(capabilities.readLagMs);
      expectBooked((await open().readBack([externalId]))[0], reversal);
    });

    it('sending again what was booked books nothing twice', async ({ skip }) => {
      if (capabilities.protocol === 'look-up' || capabilities.protocol === 'none')
        return skip('this protocol does not send again blindly');
      const document = newDocument(fixture);
      const target = open();
      if (drafts) {
        const draft = await target.createDraft!(document);
        if (draft.kind !== 'drafted') throw new Error(draft.message);
        expect(postedId(await target.postDraft!(draft.draftId, document))).toBe(
          postedId(await target.postDraft!(draft.draftId, document)),
        );
      } else {
        const answers = [await target.post!(document), await target.post!(document)];
        const ids = await Promise.all(
          answers.map(async (answer) => postedId(await settled(target, document, answer, patienceMs(capabilities)))),
        );
        expect(ids[0]).toBe(ids[1]);
        expect(postedId(await book(target, document))).toBe(ids[0]);
      }
      expect(await find(document.documentKey, 1)).toHaveLength(1);
      expect(await count(document)).toBe(1);
    });

    it('a connection cut after the vendor committed is OutcomeUnknown, and the look-up finds exactly one', async ({ skip }) => {
      const { pastFetch, loseAnswers } = context.vendor;
      if (pastFetch && !loseAnswers) return skip('a write there has no answer that could be lost');
      const document = newDocument(fixture);
      const back = await loseAnswers?.();
      try {
        const target = open(pastFetch ? undefined : cutAfter((request) => writes(request) !== undefined));
        await expectFault(firstWrite(target, document), 'OutcomeUnknown');
      } finally {
        await back?.();
      }
      const state = drafts ? 'draft' : 'posted';
      if (lookUp) expect((await find(document.documentKey, 1, state)).map((found) => found.state)).toEqual([state]);
      expect(await count(document)).toBe(1);
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
      postedId(await open().postDraft!(draft.draftId, document));
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
      const { pastFetch, takeAway } = context.vendor;
      const back = pastFetch ? await takeAway!() : undefined;
      try {
        await expectFault(firstWrite(open(pastFetch ? undefined : refused), document), 'Unavailable');
      } finally {
        await back?.();
      }
      expect(await count(document)).toBe(0);
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

    it('wrong credentials on a write are never an outcome: CredentialsRejected only where the vendor checks them first', async ({
      skip,
    }) => {
      const { wrongCredentials } = context.vendor;
      if (!wrongCredentials) return skip('the system has no credentials');
      const target = context.connector.postingTarget!(context.config(wrongCredentials), context.deps());
      const document = newDocument(fixture);
      await expectFault(firstWrite(target, document), 'CredentialsRejected', 'OutcomeUnknown');
      expect(await count(document)).toBe(0);
    });

    it('a closed period is a rejection that says so, and nothing stands as posted', async ({ skip }) => {
      if (fixture.closedPeriod === undefined) return skip('the vendor has no periods that close');
      const document = newDocument(fixture, { closed: true });
      const outcome = await book(open(), document);
      expect(outcome).toMatchObject({ kind: 'rejected', cause: 'period-closed' });
      expect(await postedNow(document)).toBe(0);
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
        expect(await postedNow(document)).toBe(0);
      } else expect(named.map((line) => line.postingKey)).toEqual([bad]);
    });

    it('reads back several documents at once and leaves out what does not exist', async () => {
      const documents = [newDocument(fixture, { lines: 1 }), newDocument(fixture, { lines: 2 })];
      const ids: string[] = [];
      for (const document of documents) ids.push(postedId(await book(open(), document)));
      await delay(capabilities.readLagMs);
      const booked = await open().readBack([...ids, '99999999']);
      expect(booked.map((one) => one.externalId).sort()).toEqual([...ids].sort());
      expect(await open().readBack([])).toEqual([]);
    });

    itReadsFaultsTruly(context, (config, deps) => {
      const target = context.connector.postingTarget!(config, deps);
      return {
        verifyAccess: () => target.verifyAccess(),
        ...(target.findByReference && {
          findByReference: () => target.findByReference!('d0000000-0000-4000-8000-000000000000'),
        }),
        readBack: () => target.readBack(['1']),
      };
    });
  });
};

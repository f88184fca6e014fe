import type { PostingDocument, PostingTarget, PostOutcome } from '@tieout/connector-kit';
import { toFrozenDocument } from '@tieout/delivery';
import { isFault } from '@tieout/model';
import { PERIODS } from '../periods.js';
import type { PlantedBug, World } from '../world.js';
import { bent } from './bent.js';

type Posting = NonNullable<PostingTarget['post']>;

/** Bends how documents are posted, in one request or by draft. */
const posting = (target: PostingTarget, change: (post: Posting) => Posting): PostingTarget =>
  bent(target, {
    ...(target.post !== undefined && { post: change((document) => target.post!(document)) }),
    ...(target.postDraft !== undefined && {
      postDraft: (draftId: string, document: PostingDocument) => change((same) => target.postDraft!(draftId, same))(document),
    }),
  });

/** Reads back what the ledger says of its posted documents, not what stands there. */
const believing = (target: PostingTarget, world: World): PostingTarget =>
  bent(target, {
    readBack: async (ids) => {
      const kept = ids.flatMap((id) => asKept(world, id));
      const asked = ids.filter((id) => !kept.some(({ externalId }) => externalId === id));
      return [...kept, ...(asked.length === 0 ? [] : await target.readBack(asked))];
    },
  });

/** Reads back which documents stand there, and takes their lines for granted. */
const uncounted = (target: PostingTarget, world: World): PostingTarget =>
  bent(target, {
    readBack: async (ids) => (await target.readBack(ids)).map((booked) => asKept(world, booked.externalId)[0] ?? booked),
  });

const asKept = (world: World, externalId: string) => {
  const [document] = world.tables.documents.where((row) => row.externalId === externalId && row.state === 'posted');
  if (document === undefined) return [];
  const members = world.tables.postings.where((row) => row.documentKey === document.documentKey && row.state === 'posted');
  const { lines } = toFrozenDocument(document, members);
  return [{ externalId, state: 'posted' as const, postingPeriod: document.postingPeriod, lines }];
};

export const BUGS_AT_THE_DESTINATION: readonly PlantedBug[] = [
  {
    name: 'new-key-per-attempt',
    what: 'each attempt sends the document under a key of its own',
    target: (target, world) => {
      const renamed = (document: PostingDocument): PostingDocument => ({ ...document, documentKey: world.newKey() });
      return bent(target, {
        ...(target.post !== undefined && { post: (document) => target.post!(renamed(document)) }),
        ...(target.createDraft !== undefined && { createDraft: (document) => target.createDraft!(renamed(document)) }),
      });
    },
  },
  {
    name: 'commit-before-call',
    what: 'the document is called posted before the destination has answered',
    target: (target, world) =>
      posting(believing(target, world), (post) => async (document): Promise<PostOutcome> => {
        void post(document).catch(() => undefined);
        return { kind: 'posted', externalId: `early-${document.documentKey}` };
      }),
  },
  {
    name: 'look-up-ignored',
    what: 'a document without an answer is sent again although it is there',
    target: (target) => (target.findByReference === undefined ? target : bent(target, { findByReference: async () => [] })),
  },
  {
    name: 'one-of-two-adopted',
    what: 'of two documents with our reference, one is adopted in silence',
    target: (target) =>
      target.findByReference === undefined
        ? target
        : bent(target, {
            findByReference: async (key) => {
              const found = await target.findByReference!(key);
              const first = found.find(({ state }) => state === 'posted');
              return first === undefined ? found : [first];
            },
          }),
  },
  {
    name: 'period-from-today',
    what: 'the period is the one of the day of sending, not the frozen one',
    target: (target) => {
      const today = PERIODS[1]!.code;
      const moved = (document: PostingDocument): PostingDocument => ({ ...document, postingPeriod: today });
      return bent(target, {
        ...(target.post !== undefined && { post: (document) => target.post!(moved(document)) }),
        ...(target.createDraft !== undefined && { createDraft: (document) => target.createDraft!(moved(document)) }),
      });
    },
  },
  {
    name: 'partial-taken-as-whole',
    what: 'lines that the destination refused are called posted with the rest, and the read-back counts no lines',
    target: (target, world) =>
      posting(uncounted(target, world), (post) => async (document) => {
        const outcome = await post(document);
        return outcome.kind === 'posted' ? { ...outcome, refused: [] } : outcome;
      }),
  },
  {
    name: 'read-back-skipped',
    what: 'a yes is believed without reading back what was written',
    target: believing,
  },
  {
    name: 'unknown-taken-as-no',
    what: 'a request without an answer is taken as refused',
    target: (target) =>
      posting(target, (post) => async (document) => {
        try {
          return await post(document);
        } catch (error) {
          if (!isFault(error, 'OutcomeUnknown')) throw error;
          const lines = document.lines.map(({ postingKey }) => ({ postingKey, message: 'no answer' }));
          return { kind: 'rejected', cause: 'other', message: 'no answer', lines };
        }
      }),
  },
  {
    name: 'one-bad-line-condemns-all',
    what: 'a document that is refused as a whole is not cut to find the bad line',
    target: (target) =>
      posting(target, (post) => async (document) => {
        const outcome = await post(document);
        if (outcome.kind !== 'rejected' || outcome.cause !== 'invalid-line' || outcome.lines.length > 0) return outcome;
        return { ...outcome, lines: document.lines.map(({ postingKey }) => ({ postingKey, message: outcome.message })) };
      }),
  },
];

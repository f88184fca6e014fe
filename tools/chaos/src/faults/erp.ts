import type { FaultRule, PanelSettings } from '@tieout/sandbox';
import type { Fault } from '../fault.js';
import { ERP_LATENCY_MS } from '../pace.js';
import { mendLines, retryRejected, reverseDuplicates, settleByHand } from '../people.js';
import { REQUEST_TIMEOUT_MS, SLOTS } from '../policy.js';

const LASTS_MS = 8_000;
const UNTIL_CLEARED = 0;

/** A fault that happens at every n-th occasion for as long as it lasts. */
const repeated = (kind: FaultRule['kind'], every = 1, more: Partial<FaultRule> = {}): FaultRule => ({
  kind,
  every,
  times: UNTIL_CLEARED,
  ...more,
});

const armed = (
  rules: readonly FaultRule[],
  during: Partial<PanelSettings> = {},
): Pick<Fault, 'strike' | 'lastsMs' | 'heal' | 'fires'> => ({
  fires: { system: 'erp', kinds: rules.map(({ kind }) => kind) },
  lastsMs: LASTS_MS,
  strike: async ({ erp }) => {
    await erp.set(during);
    await erp.arm(...rules);
  },
  heal: async ({ erp }) => {
    await erp.clear();
  },
});

type Offer = Pick<Fault, 'erp' | 'connection'>;
const offering = (protocol: PanelSettings['protocol']): Offer => ({ erp: { protocol }, connection: { protocol } });

const outcomeLost: readonly Fault[] = [
  {
    id: 'f01-answer-lost',
    what: 'the ERP books, and every second answer is lost with its connection',
    catalogue: 'F01',
    ...armed([repeated('commit-then-drop', 2)]),
  },
  ...(['look-up', 'draft-then-post', 'upsert'] as const).map((protocol): Fault => ({
    id: `f01-answer-lost-${protocol}`,
    what: `the same with an ERP that offers ${protocol}`,
    catalogue: 'F01',
    ...offering(protocol),
    ...armed([repeated('commit-then-drop', 2)]),
  })),
  {
    id: 'f02-timeout-after-booking',
    what: 'no idempotency, only look-up; every second answer comes long after we gave up',
    catalogue: 'F02',
    ...offering('look-up'),
    ...armed([repeated('commit-then-slow', 2, { ms: 2 * REQUEST_TIMEOUT_MS })]),
  },
  {
    id: 'f02-booked-after-look-up',
    what: 'only look-up, and every second request is booked later than the ERP promises: duplicates, which reconciliation must find',
    catalogue: 'F02',
    ...offering('look-up'),
    ...armed([repeated('slow', 2, { ms: 3 * REQUEST_TIMEOUT_MS })]),
    afterwards: reverseDuplicates,
  },
  {
    id: 'f02-no-look-up',
    what: 'neither key nor look-up, and answers are lost: a person looks and says',
    catalogue: 'F02',
    ...offering('none'),
    ...armed([repeated('commit-then-drop', 4)]),
    afterwards: settleByHand,
  },
  {
    id: 'f03-401-after-booking',
    what: 'the ERP books and answers 401, as if the session had ended before',
    catalogue: 'F03',
    ...armed([repeated('commit-then-401', 2)]),
  },
  {
    id: 'f04-key-not-enforced',
    what: 'the idempotency key is taken and means nothing; answers are lost',
    catalogue: 'F04',
    erp: { idempotencyKeys: false },
    ...armed([repeated('commit-then-drop', 2)]),
  },
  {
    id: 'f05-replay-is-an-error',
    what: 'a repeated key is answered as an error 400 with a Location; answers are lost, and look-ups do not see what was booked',
    catalogue: 'F05',
    ...armed([repeated('replay-as-error'), repeated('commit-then-500', 2)], { readLagMs: 60_000 }),
    // What is not found is sent again, under its key, as soon as absence counts.
    lastsMs: 5 * REQUEST_TIMEOUT_MS,
    heal: async ({ erp }) => {
      await erp.clear();
      await erp.set({ readLagMs: 0 });
    },
  },
];

const badLines = (during: Partial<PanelSettings>, erp: Partial<PanelSettings> = {}): Omit<Fault, 'id' | 'what'> => ({
  erp,
  lastsMs: LASTS_MS,
  strike: async ({ erp: panel, load }) => {
    await panel.set({ ...during, refusedCodes: load.projects.slice(0, 3) });
  },
  heal: async ({ erp: panel }) => {
    await panel.set({ refusedCodes: [] });
  },
  afterwards: retryRejected,
});

const partly: readonly Fault[] = [
  {
    id: 'f06-bad-lines-named',
    what: 'three projects are refused; the ERP books all or nothing and names the bad lines',
    catalogue: 'F06',
    ...badLines({}),
  },
  {
    id: 'f07-errors-before-booking',
    what: 'every second request fails with 500, nothing booked',
    catalogue: 'F07',
    ...armed([repeated('server-error', 2)]),
  },
  {
    id: 'f08-all-failed-in-200',
    what: '200, and every line failed inside',
    catalogue: 'F08',
    ...armed([repeated('all-failed', 2)]),
  },
  {
    id: 'f08-mixed-207',
    what: '207: the good lines are booked, the bad ones named',
    catalogue: 'F08',
    ...badLines({}, { partialAcceptance: true }),
    connection: { partialAcceptance: 'true' },
  },
  {
    id: 'f09-bad-lines-not-named',
    what: 'three projects are refused, all or nothing, and no line is named',
    catalogue: 'F09',
    ...badLines({ namesBadLines: false }),
  },
  {
    id: 'f10-created-nothing',
    what: '201, and nothing was written, every second time',
    catalogue: 'F10',
    ...armed([repeated('created-nothing', 2)]),
  },
];

const untrue: readonly Fault[] = [
  {
    id: 'f11-filters-ignored',
    what: 'look-ups ignore their filters; answers are lost',
    catalogue: 'F11',
    ...armed([repeated('ignore-filters', 1, { on: 'reads' }), repeated('commit-then-drop', 2)]),
  },
  {
    id: 'f12-posted-means-queued',
    what: 'a yes means queued, booked 2 s later, some refused then; answers are lost',
    catalogue: 'F12',
    erp: { answersLater: true, bookAfterMs: 2_000 },
    connection: { answersLater: 'true' },
    ...armed([repeated('refuse-later', 3), repeated('commit-then-drop', 3)]),
    afterwards: retryRejected,
  },
  {
    id: 'f36-grouped-journal',
    what: 'a slow ERP, so that journals are full: single lines of them are corrected',
    catalogue: 'F36',
    ...armed([], { latencyMs: 4 * ERP_LATENCY_MS }),
    heal: async ({ erp }) => {
      await erp.set({ latencyMs: ERP_LATENCY_MS });
    },
  },
  {
    id: 'f37-negatives-cut',
    what: 'negative lines are cut to zero and nobody is told; a person mends them',
    catalogue: 'F37',
    ...armed([repeated('cut-negatives')]),
    afterwards: mendLines,
  },
];

const limits: readonly Fault[] = [
  ...([400, 401, 503] as const).map((throttleStatus): Fault => ({
    id: `f38-throttled-as-${throttleStatus}`,
    what: `every second request is throttled, disguised as ${throttleStatus}`,
    catalogue: 'F38',
    ...armed([repeated('throttled', 2)], { throttleStatus, retryAfter: throttleStatus === 503 ? 'date' : 'seconds' }),
  })),
  {
    id: 'f39-pool-shared',
    what: `others hold ${SLOTS - 1} of the ERP's ${SLOTS} slots`,
    catalogue: 'F39',
    erp: { concurrency: SLOTS },
    ...armed([], { foreignLoad: SLOTS - 1 }),
    heal: async ({ erp }) => {
      await erp.set({ foreignLoad: 0 });
    },
  },
  {
    id: 'erp-unavailable',
    what: 'the ERP answers 503 to everything',
    ...armed([repeated('unavailable')]),
  },
  {
    id: 'erp-cut-off',
    what: 'connections are cut before the ERP does anything',
    ...armed([repeated('drop-connection', 1, { on: 'all' })]),
  },
];

export const ERP_FAULTS: readonly Fault[] = [...outcomeLost, ...partly, ...untrue, ...limits];

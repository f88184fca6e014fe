import { startTieout, type Tieout } from '@tieout/local';
import { checkCases, casesAre, hasCase } from './checks/case-check.js';
import type { Checklist } from './checks/checklist.js';
import { checkLedger, compareLines, type OwedLine } from './checks/ledger-check.js';
import type { OtlpReceiver } from './checks/otlp-receiver.js';
import { checkTieOut, checkTieOutFails, type OwedTieOut } from './checks/tie-out-check.js';
import { checkTraces } from './checks/trace-check.js';
import type { CuttingProxy } from './cuts/cutting-proxy.js';
import {
  linesAfterCorrections,
  linesAfterFirstSync,
  planCorrections,
  tieOutAfterCorrections,
  tieOutAfterFirstSync,
  type Corrections,
} from './scenario/expectations.js';
import type { Scenario, Situation } from './scenario/scenario.js';
import { waitFor } from './systems/commands.js';
import type { RealSystems } from './systems/start-systems.js';
import { deleteEntry, RedmineApi, setApproval, setHours, setUpRedmine, type RecordedEntry } from './vendors/redmine-firm.js';
import { hire, setUpTryton } from './vendors/tryton-firm.js';
import { readJournal } from './vendors/tryton-journal.js';
import { TrytonRpc } from './vendors/tryton-rpc.js';

export interface PhaseContext {
  readonly list: Checklist;
  readonly say: (text: string) => void;
  readonly scenario: Scenario;
  readonly today: string;
  readonly systems: RealSystems;
  /** Tieout reaches Tryton only through it, at `trytonUrl`; what checks reads Tryton itself. */
  readonly proxy: CuttingProxy;
  readonly trytonUrl: string;
  readonly receiver: OtlpReceiver;
  readonly otlpEndpoint: string;
  readonly dataDir: string;
  readonly policyDir: string;
}

const PAGE = 'fetch page redmine';
const SWEEP = 'sweep keys redmine';
/** Spans that say that Tieout has looked at Redmine. */
export const WATCHED_SPANS: readonly string[] = [PAGE, SWEEP];

/** A document whose draft was cut off twice waits for the request's deadline and the settle time, twice. */
const SYNC_MS = 300_000;
/** Several polls and a sweep of this bundle. */
const QUIET_MS = 8_000;
/** What must stand after the corrections, and still after whatever follows. */
interface Owed {
  readonly lines: readonly OwedLine[];
  readonly tieOut: OwedTieOut;
}

const HELD: readonly Situation[] = ['unknown-person', 'ended-project', 'closed-period'];
const STILL_HELD: readonly Situation[] = ['ended-project', 'closed-period'];

class Run {
  readonly tryton: TrytonRpc;
  readonly redmine: RedmineApi;
  recorded: readonly RecordedEntry[] = [];

  constructor(readonly context: PhaseContext) {
    this.tryton = new TrytonRpc(context.systems.tryton.url, context.systems.tryton.database);
    this.redmine = new RedmineApi(context.systems.redmine);
  }

  start(redmineKey: string = this.context.systems.redmine.key): Promise<Tieout> {
    const { systems, trytonUrl, dataDir, policyDir, otlpEndpoint } = this.context;
    return startTieout({
      dataDir,
      policyDir,
      say: (text) => this.context.say(`tieout: ${text}`),
      env: {
        REDMINE_URL: systems.redmine.url,
        REDMINE_KEY: redmineKey,
        TRYTON_URL: trytonUrl,
        TRYTON_DATABASE: systems.tryton.database,
        TRYTON_USER: systems.tryton.user,
        TRYTON_PASSWORD: systems.tryton.password,
        OTEL_EXPORTER_OTLP_ENDPOINT: otlpEndpoint,
      },
    });
  }

  spans(name: string): number {
    return this.context.receiver.spans.filter((span) => span.name === name).length;
  }

  /** Until Redmine has been read and swept from now on, and nothing is under way. */
  async fullRun(tieout: Tieout): Promise<void> {
    const [pages, sweeps] = [this.spans(PAGE), this.spans(SWEEP)];
    const entries = this.recorded.length;
    // A pass that was under way when this began does not count: two passes' worth of pages hold a whole one.
    const passes = 2 * Math.ceil(entries / 99);
    await waitFor(
      'a full pass and a sweep',
      async () => this.spans(PAGE) >= pages + passes && this.spans(SWEEP) >= sweeps + 2,
      SYNC_MS,
    );
    await tieout.waitUntilIdle(SYNC_MS);
  }

  /** Until Tryton holds what is expected, or the time is over: then the check that follows says what is amiss. Cuts end with it. */
  async untilBooked(tieout: Tieout, expected: readonly OwedLine[]): Promise<void> {
    const booked = async (): Promise<boolean> =>
      compareLines(expected, (await readJournal(this.tryton)).lines).missing.length === 0;
    await waitFor('the lines in Tryton', booked, SYNC_MS, 1000).catch((error: unknown) => this.context.say(String(error)));
    this.context.proxy.calm();
    await this.fullRun(tieout);
  }

  /** Cases close in their own time after what they were about has passed. */
  async untilCases(tieout: Tieout, still: readonly Situation[]): Promise<void> {
    await waitFor('the cases', () => casesAre(tieout, this.recorded, still), 30_000, 500).catch((error: unknown) =>
      this.context.say(String(error)),
    );
  }
}

const setUp = async (run: Run): Promise<void> => {
  const { systems, scenario, today, say, list } = run.context;
  await run.tryton.login(systems.tryton.user, systems.tryton.password);
  const [recorded] = await Promise.all([
    setUpRedmine(run.redmine, systems.redmine, scenario),
    setUpTryton(run.tryton, scenario, today),
  ]);
  run.recorded = recorded;
  const { calendar, people, projects } = scenario;
  say(
    `Redmine holds ${recorded.length} entries from ${calendar.from} to ${calendar.to}; in Tryton ${calendar.closedMonth} is closed`,
  );
  const { total_count: inRedmine } = await run.redmine.request<{ total_count: number }>('GET', '/time_entries.json?limit=1');
  list.same('set-up: entries, people, projects', [400, 20, 8], [inRedmine, people.length, projects.length]);
};

const firstSync = async (run: Run, tieout: Tieout): Promise<void> => {
  const { list, receiver } = run.context;
  const expected = linesAfterFirstSync(run.recorded);
  await run.untilBooked(tieout, expected);
  checkLedger(list, 'first sync', expected, await readJournal(run.tryton));
  await run.untilCases(tieout, HELD);
  await checkCases(list, 'first sync', tieout, run.recorded, HELD);
  await checkTieOut(list, 'first sync', tieout, tieOutAfterFirstSync(run.recorded));
  checkTraces(list, receiver);
};

const correct = async (run: Run, corrections: Corrections): Promise<void> => {
  for (const { entry, hundredths } of corrections.edited) {
    await setApproval(run.redmine, entry.id, 'Draft');
    await setHours(run.redmine, entry.id, hundredths);
    await setApproval(run.redmine, entry.id, 'Approved');
  }
  for (const entry of corrections.deleted) await deleteEntry(run.redmine, entry.id);
  for (const entry of corrections.unapproved) await setApproval(run.redmine, entry.id, 'Submitted');
  await hire(run.tryton, [run.context.scenario.stranger]);
};

const corrections = async (run: Run, tieout: Tieout): Promise<Owed> => {
  const { list, say } = run.context;
  const planned = planCorrections(run.recorded);
  run.context.proxy.cut();
  await correct(run, planned);
  say(
    `${planned.edited.length} entries edited, ${planned.deleted.length} deleted, ${planned.unapproved.length} un-approved; the unknown person is in the ERP now`,
  );
  const owed = { lines: linesAfterCorrections(run.recorded, planned), tieOut: tieOutAfterCorrections(run.recorded, planned) };
  await run.untilBooked(tieout, owed.lines);
  checkLedger(list, 'corrections', owed.lines, await readJournal(run.tryton));
  await run.untilCases(tieout, STILL_HELD);
  await checkCases(list, 'corrections', tieout, run.recorded, STILL_HELD);
  await checkTieOut(list, 'corrections', tieout, owed.tieOut);
  return owed;
};

const wrongKey = async (run: Run, owed: Owed): Promise<void> => {
  const { list, say } = run.context;
  const anonymous = await fetch(`${run.context.systems.redmine.url}/time_entries.json`, {
    headers: { 'X-Redmine-API-Key': 'no-such-key' },
  });
  list.same(
    'wrong key: what Redmine itself answers to it',
    '200, 0 entries',
    `${anonymous.status}, ${((await anonymous.json()) as { total_count: number }).total_count} entries`,
  );
  run.context.proxy.cut();
  const tieout = await run.start('no-such-key');
  try {
    await waitFor('the case', () => hasCase(tieout, 'CREDENTIALS_REJECTED'), 60_000, 500).catch((error: unknown) =>
      say(String(error)),
    );
    list.check('wrong key: an open case CREDENTIALS_REJECTED', await hasCase(tieout, 'CREDENTIALS_REJECTED'));
    // What must not happen shows only in time: several polls, and the sweep that would find everything deleted.
    await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
    run.context.proxy.calm();
    checkLedger(list, 'wrong key', owed.lines, await readJournal(run.tryton));
    await checkTieOutFails(list, 'wrong key', tieout);
  } finally {
    await tieout.stop();
  }
};

const secondRun = async (run: Run, owed: Owed): Promise<void> => {
  const { list, proxy } = run.context;
  const before = (await readJournal(run.tryton)).lines.map((line) => line.id);
  proxy.cut();
  const tieout = await run.start();
  try {
    await run.fullRun(tieout);
    proxy.calm();
    const journal = await readJournal(run.tryton);
    list.same('second run: new lines in Tryton', 0, journal.lines.filter((line) => !before.includes(line.id)).length);
    checkLedger(list, 'second run', owed.lines, journal);
    await run.untilCases(tieout, STILL_HELD);
    await checkCases(list, 'second run', tieout, run.recorded, STILL_HELD);
    await checkTieOut(list, 'second run', tieout, owed.tieOut);
  } finally {
    await tieout.stop();
  }
};

/** The whole story, once. The connection to Tryton is cut while Tieout works, and whole again for the checks: healed, the books must be exact. */
export const runPhases = async (context: PhaseContext): Promise<void> => {
  const run = new Run(context);
  await setUp(run);
  let owed: Owed;
  context.proxy.cut();
  const tieout = await run.start();
  try {
    context.say('Tieout is up');
    await firstSync(run, tieout);
    context.say('first sync checked');
    owed = await corrections(run, tieout);
    context.say('corrections checked');
  } finally {
    await tieout.stop();
  }
  await wrongKey(run, owed);
  context.say('wrong key checked');
  await secondRun(run, owed);
  context.say('second run checked');
};

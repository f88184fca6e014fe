import type { Command } from 'commander';
import { answer, counted, facts, paragraphs, section, table, type Answer } from '../answer.js';
import { flag, number, type Call, type Wire } from '../call.js';
import { draftOf } from '../bundle-drafts.js';
import { EXIT } from '../exit-codes.js';
import { Failure } from '../failure.js';
import { wholeNumber } from '../options.js';
import { changesText, type PlannedChange } from './policy-text.js';

interface Plan {
  readonly planId: string;
  readonly state: 'running' | 'done' | 'failed';
  readonly done: number;
  readonly total: number;
  readonly days: number;
  readonly problem: string | null;
  readonly report: Report | null;
}
interface Report {
  readonly entries: number;
  readonly seconds: number;
  readonly activeDigest: string;
  readonly candidateDigest: string;
  readonly legalEntities: readonly {
    readonly legalEntityId: string;
    readonly entries: number;
    readonly unchanged: number;
    readonly changes: readonly Detailed[];
  }[];
}
interface Detailed extends PlannedChange {
  readonly examples: readonly {
    readonly entryId: string;
    readonly workDate: string;
    readonly projectCode: string;
    readonly hours: string;
    readonly before: string;
    readonly after: string;
  }[];
}

const LOOK_EVERY_MS = 500;
const EXAMPLES_SHOWN = 3;

export const planCommand = (policy: Command, wire: Wire): void =>
  wire(
    policy
      .command('plan')
      .description('try a bundle on recent entries: what would be held, released, booked otherwise, with money and examples')
      .argument('<id|folder>', 'the bundle; of a folder a draft is made')
      .option('--days <n>', 'so many days of work', wholeNumber(1, 400), 30)
      .option('--examples <n>', 'so many examples per change', wholeNumber(0, 100), EXAMPLES_SHOWN)
      .option('--timeout <seconds>', 'how long to wait; the plan goes on without you', wholeNumber(1, 86_400), 900)
      .option('--last', 'show the last plan instead of making one'),
    plan,
  );

const plan = async (call: Call): Promise<Answer> => {
  const { bundleId, state } = await draftOf(call, call.args[0] ?? '');
  const path = `/policy/bundles/${bundleId}/plan`;
  const last = flag(call, 'last');
  const begun = last
    ? await call.api.get<Plan>('governance', path)
    : await call.api.post<Plan>('governance', path, { days: number(call, 'days') });
  const ended = begun.state === 'running' && !last ? await finished(call, path, begun) : begun;
  const json = { bundleId, ...ended };
  if (ended.state === 'failed') return answer(json, `the plan failed: ${ended.problem ?? 'no reason is known'}`, EXIT.no);
  if (ended.report === null) return answer(json, `running: ${ended.done} of ${ended.total} entries`);
  const next = state === 'draft' ? `Propose it: npx tieout policy propose ${bundleId} --title "..."` : undefined;
  return answer(json, paragraphs(reportText(ended.days, ended.report, number(call, 'examples') ?? EXAMPLES_SHOWN), next));
};

/** @throws Failure when it takes longer than people want to wait */
const finished = async (call: Call, path: string, begun: Plan): Promise<Plan> => {
  const rounds = Math.ceil(((number(call, 'timeout') ?? 1) * 1000) / LOOK_EVERY_MS);
  let [now, told] = [begun, -1];
  for (let round = 0; round < rounds && now.state === 'running'; round += 1) {
    if (now.done > told && !flag(call, 'json'))
      call.world.err(now.total === 0 ? 'begun\n' : `${now.done} of ${now.total} entries\n`);
    told = now.done;
    await call.world.wait(LOOK_EVERY_MS);
    now = await call.api.get<Plan>('governance', path);
  }
  if (now.state !== 'running') return now;
  throw new Failure(
    EXIT.away,
    'plan-not-finished',
    `the plan is at ${now.done} of ${now.total} entries`,
    'it goes on by itself: look with npx tieout policy plan <id> --last, or wait longer with --timeout',
  );
};

const reportText = (days: number, report: Report, examples: number): string =>
  paragraphs(
    facts([
      ['looked at', `${counted(report.entries, 'entry', 'entries')} of ${counted(days, 'day')}, in ${report.seconds} s`],
      ['active', report.activeDigest.slice(0, 12)],
      ['candidate', report.candidateDigest.slice(0, 12)],
    ]),
    ...report.legalEntities.map(({ legalEntityId, entries, unchanged, changes }) =>
      section(
        `${legalEntityId}: ${counted(entries, 'entry', 'entries')}, ${unchanged} unchanged`,
        changes.length === 0 ? 'nothing changes' : paragraphs(changesText(changes), examplesText(changes, examples)),
      ),
    ),
    report.entries === 0 ? 'No approved entry is that young: nothing was tried.' : undefined,
  );

const examplesText = (changes: readonly Detailed[], most: number): string | undefined => {
  const rows = changes.flatMap(({ change, examples }) =>
    examples
      .slice(0, most)
      .map((one) => [change, one.entryId, one.workDate, one.projectCode, one.hours, `${one.before} -> ${one.after}`]),
  );
  return rows.length === 0 ? undefined : table(['example', 'entry', 'work date', 'project', 'hours', 'before and after'], rows);
};

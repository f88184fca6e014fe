import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Table from 'cli-table3';
import type { AuditFigures } from './audit/audit-cost.js';
import type { VerifyFigures } from './audit/verify.js';
import { ROOT } from './config.js';
import type { EntryFigures } from './entries.js';
import type { EvaluateFigures } from './evaluate.js';
import type { AllowanceFigures } from './feed/allowance.js';
import { CPU_USERS } from './feed/feed-bed.js';
import type { ThroughputFigures } from './feed/throughput.js';
import { perSecond } from './figures.js';
import type { LookUpFigures } from './look-up.js';
import type { Machine } from './machine.js';
import type { MessageFigures } from './messages.js';
import type { PlanFigures } from './plan.js';
import type { WebhookFigures } from './webhook.js';

/** Below this the way through outbox and database costs too much. */
export const LEAST_RATIO = 0.3;

export interface BenchResult {
  readonly date: string;
  readonly quick: boolean;
  readonly machine: Machine;
  readonly messages?: MessageFigures;
  readonly entries?: readonly EntryFigures[];
  readonly throughput: readonly ThroughputFigures[];
  readonly allowance: readonly AllowanceFigures[];
  readonly webhook?: WebhookFigures;
  readonly audit?: AuditFigures;
  readonly verify?: VerifyFigures;
  readonly evaluate?: EvaluateFigures;
  readonly plan?: PlanFigures;
  readonly lookUp?: LookUpFigures;
}

export const machineLine = ({ cores, cpu, memoryGb, platform, node, postgres, nats }: Machine): string =>
  `${cores} cores (${cpu}), ${memoryGb} GB, ${platform}; Node ${node}, PostgreSQL ${postgres}, nats-server ${nats}`;

const tableOf = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string => {
  const table = new Table({ head: [...head], style: { head: [], border: [] } });
  table.push(...rows.map((row) => [...row]));
  return table.toString();
};

export const messagesTable = ({ events, bodyBytes, rounds, median }: MessageFigures): string => {
  const all = [...rounds, median];
  return tableOf(
    [`${events} events of ${bodyBytes} bytes`, ...rounds.map((_, n) => `round ${n + 1}`), 'median'],
    [
      ['raw pipelined JetStream publishing', ...all.map(({ raw }) => perSecond(raw))],
      ['outbox -> JetStream -> rows committed', ...all.map(({ outboxToRows }) => perSecond(outboxToRows))],
      ['the ratio of the two', ...all.map(({ ratio }) => ratio.toFixed(2))],
      ['appending to the outbox as well', ...all.map(({ appendToRows }) => perSecond(appendToRows))],
    ],
  );
};

export const entriesTable = (figures: readonly EntryFigures[]): string =>
  tableOf(
    ['source -> ERP, ERP latency', 'entries', 'seconds', 'entries/s', 'documents'],
    figures.map(({ erpLatencyMs, entries, seconds, perSecond: rate, journals }) => [
      `${erpLatencyMs} ms`,
      entries,
      seconds.toFixed(1),
      Math.round(rate),
      journals,
    ]),
  );

const verdict = (holds: boolean): string => (holds ? 'met' : 'MISSED');
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

const throughputRows = (figures: readonly ThroughputFigures[]): string[][] =>
  figures.map(({ part, title, slots, median, aim }) => [
    `(${part}) ${title}, ${slots} slots`,
    `${perSecond(median.ours)}, naive ${perSecond(median.naive)}: ${median.ratio.toFixed(2)}`,
    aim === null ? '' : `>= ${aim} of naive`,
    aim === null ? '' : verdict(median.ratio >= aim),
  ]);

const secondsOf = (value: number | null): string => (value === null ? 'not within a minute' : `${value.toFixed(1)} s`);

const allowanceRows = (figures: readonly AllowanceFigures[]): string[][] =>
  figures.flatMap(
    ({
      part,
      title,
      seconds,
      share,
      naiveShare,
      refused,
      outageSeconds,
      backAfterSeconds: back,
      asBeforeAfterSeconds: asBefore,
      aim,
    }) => [
      [
        `(${part}) ${title}: used over ${seconds} s`,
        `${percent(share)}, naive ${percent(naiveShare)}`,
        `>= ${percent(aim.share)}`,
        verdict(share >= aim.share),
      ],
      ['    refused, of our own making', String(refused), String(aim.refused), verdict(refused <= aim.refused)],
      [
        `    back at ${percent(aim.share)} after an outage of ${outageSeconds} s`,
        `${secondsOf(back)}; as before after ${secondsOf(asBefore)}`,
        `<= ${aim.backAfterSeconds} s`,
        verdict(back !== null && back <= aim.backAfterSeconds),
      ],
    ],
  );

const webhookRows = ({ perSecond: rate, capacity, p50Ms, p99Ms, mostMs, idleP50Ms, aim }: WebhookFigures): string[][] => [
  [
    `(f) webhook in to ERP request out at ${perSecond(rate)}, half of ${perSecond(capacity)}`,
    `p50 ${p50Ms.toFixed(0)} ms, p99 ${p99Ms.toFixed(0)} ms, most ${mostMs.toFixed(0)} ms (idle: p50 ${idleP50Ms.toFixed(0)} ms)`,
    `p99 <= ${aim.p99Ms} ms`,
    verdict(p99Ms <= aim.p99Ms),
  ],
];

export const aimsTable = ({ throughput, allowance, webhook }: BenchResult): string =>
  tableOf(
    ['delivery', 'measured', 'aim', ''],
    [...throughputRows(throughput), ...allowanceRows(allowance), ...(webhook ? webhookRows(webhook) : [])],
  );

const auditRows = ({ median, linkMs, aim }: AuditFigures): string[][] => [
  [
    'throughput that the audit costs',
    `${percent(median.cost)} (with ${perSecond(median.withAudit)}, without ${perSecond(median.without)})`,
    `<= ${percent(aim.cost)}`,
    verdict(median.cost <= aim.cost),
  ],
  ['    processor time of feed and PostgreSQL', median.cpuCost === null ? 'not told' : `+${percent(median.cpuCost)}`, '', ''],
  [
    '    from commit to link, under that load',
    `p50 ${linkMs.p50.toFixed(0)} ms, p99 ${linkMs.p99.toFixed(0)} ms, most ${linkMs.most.toFixed(0)} ms`,
    `p99 <= ${aim.linkMs} ms`,
    verdict(linkMs.p99 <= aim.linkMs),
  ],
];

const verifyRows = ({ records, bytes, seconds, cpuSeconds, aimSeconds, memoryMb }: VerifyFigures): string[][] => [
  [
    `verification of ${records.toLocaleString('en')} records, ${Math.round(bytes / 1e6)} MB`,
    `${seconds.toFixed(1)} s (${cpuSeconds.toFixed(1)} s of processor time, ${memoryMb} MB)`,
    `<= ${aimSeconds} s`,
    verdict(seconds <= aimSeconds),
  ],
];

export const auditTable = ({ audit, verify }: Pick<BenchResult, 'audit' | 'verify'>): string =>
  tableOf(['audit', 'measured', 'aim', ''], [...(audit ? auditRows(audit) : []), ...(verify ? verifyRows(verify) : [])]);

const evaluateRows = ({ perCoreSecond, onWholeFirmPerCoreSecond: whole, tasks, aim }: EvaluateFigures): string[][] => [
  [
    `entries assessed, master data with ${tasks.toLocaleString('en')} tasks`,
    `${perSecond(perCoreSecond)} per core (on one view of all of it: ${perSecond(whole)})`,
    `>= ${perSecond(aim)}`,
    verdict(perCoreSecond >= aim),
  ],
];

const planRows = ({ entries, seconds, cpuSeconds, changed, healthMs, aimSeconds }: PlanFigures): string[][] => [
  [
    `plan over ${entries.toLocaleString('en')} entries, of which ${changed.toLocaleString('en')} change`,
    `${seconds.toFixed(1)} s${cpuSeconds === null ? '' : ` (${cpuSeconds.toFixed(1)} s of processor time)`}`,
    `<= ${aimSeconds} s`,
    verdict(seconds <= aimSeconds),
  ],
  [
    '    /health/live of the service meanwhile',
    `p50 ${healthMs.p50.toFixed(0)} ms, p99 ${healthMs.p99.toFixed(0)} ms, most ${healthMs.most.toFixed(0)} ms`,
    '',
    '',
  ],
];

export const policyTable = ({ evaluate, plan }: Pick<BenchResult, 'evaluate' | 'plan'>): string =>
  tableOf(['policy', 'measured', 'aim', ''], [...(evaluate ? evaluateRows(evaluate) : []), ...(plan ? planRows(plan) : [])]);

export const lookUpTable = ({ tasks, ways }: LookUpFigures): string =>
  tableOf(
    [
      `look-ups, master data with ${tasks.toLocaleString('en')} tasks`,
      'at most',
      'processor time each, ms',
      'asked',
      'p50, ms',
      'p99, ms',
      'most, ms',
    ],
    ways.map(({ way, capacity, cpuMs, perSecond: rate, p50Ms, p99Ms, mostMs }) => [
      ...[way, perSecond(capacity), cpuMs?.toFixed(2) ?? 'not told', perSecond(rate)],
      ...[p50Ms, p99Ms, mostMs].map((ms) => ms.toFixed(1)),
    ]),
  );

/** What the machine is kept busy with, by whom. */
export const cpuTable = (throughput: readonly ThroughputFigures[]): string => {
  const shown = (ms: number | null): string => (ms === null ? 'not told' : ms.toFixed(0));
  return tableOf(
    ['processor time for 1,000 entries, ms', ...CPU_USERS],
    throughput.map(({ part, title, median: { cpu } }) => [`(${part}) ${title}`, ...CPU_USERS.map((user) => shown(cpu[user]))]),
  );
};

/** Peak resident memory, MB. */
export const memoryTable = ({ throughput, allowance, webhook }: BenchResult): string => {
  const shown = (mb: number | null): string => (mb === null ? 'not told' : String(mb));
  return tableOf(
    ['(g) peak memory, MB', ''],
    [
      ...[...throughput, ...allowance].map(({ part, memoryMb }) => [`erp-posting in (${part})`, shown(memoryMb)]),
      ...Object.entries(webhook?.memoryMb ?? {}).map(([service, mb]) => [`${service} in (f)`, shown(mb)]),
    ],
  );
};

/** @returns where it was written. */
export const writeResult = (result: BenchResult): string => {
  const folder = join(ROOT, '.tieout/bench');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${result.date.replaceAll(':', '-')}.json`);
  writeFileSync(file, `${JSON.stringify(result, undefined, 2)}\n`);
  return file;
};

import { join } from 'node:path';
import type { Cleanup } from '../cleanup.js';
import { ROOT, type BenchConfig } from '../config.js';
import { documentsOf } from '../feed/bundle.js';
import { CPU_USERS, startFeed, type Cpu, type FeedBed } from '../feed/feed-bed.js';
import { checkBooks, perThousand, untilReadBack } from '../feed/throughput.js';
import { median, percentile, perSecond } from '../figures.js';
import { probeLinkDelay } from './link-delay.js';

/** Entries per second, and processor time of feed and database together for a thousand entries, ms. */
interface Half {
  readonly perSecond: number;
  readonly cpuMs: number | null;
}
interface Round {
  readonly withAudit: Half;
  readonly without: Half;
  /** Share of the throughput that the audit costs. */
  readonly cost: number;
  readonly cpuCost: number | null;
}

export interface AuditFigures {
  readonly entries: number;
  readonly records: number;
  readonly rounds: readonly Round[];
  readonly median: {
    readonly withAudit: number;
    readonly without: number;
    readonly cost: number;
    readonly cpuCost: number | null;
  };
  /** From commit to link, while the feed works at its limit, ms. */
  readonly linkMs: { readonly p50: number; readonly p99: number; readonly most: number; readonly probes: number };
  readonly aim: { readonly cost: number; readonly linkMs: number };
}

const SLOTS = 16;
const LINES = 200;
const WITHOUT = join(ROOT, 'tools/bench/dist/audit/without-audit.js');

/**
 * What the audit costs: two feeds, one of which writes and chains no audit, post the same entries in turns. The ERP answers at once, so
 * that the machine is the limit and nothing hides behind waiting.
 */
export const benchAuditCost = async (
  config: BenchConfig,
  cleanup: Cleanup,
  say: (text: string) => void,
): Promise<AuditFigures> => {
  const entries = config.quick ? 10_000 : 20_000;
  const setting = { connection: documentsOf(LINES, { slots: SLOTS }), erp: {}, profile: config.profile };
  const audited = await startFeed({ ...setting, name: 'audit' }, cleanup);
  const bare = await startFeed({ ...setting, name: 'without-audit', nodeArgs: ['--import', WITHOUT] }, cleanup);
  const both: [FeedBed, FeedBed] = [audited, bare];
  for (const bed of both) await half(bed, Math.ceil(entries / 4));
  const rounds: Round[] = [];
  const delays: number[] = [];
  const measured = async (bed: FeedBed): Promise<Half> => {
    const probe = bed === audited ? probeLinkDelay(bed.databaseUrl, delays.length) : undefined;
    const result = await half(bed, entries);
    delays.push(...((await probe?.stop()) ?? []));
    return result;
  };
  for (let n = 1; n <= config.rounds; n++) {
    // In turns, and beginning with the other one each time: what else the machine does must not always meet the same one.
    const [first, second] = n % 2 === 0 ? [bare, audited] : [audited, bare];
    const halves = new Map([[first, await measured(first)]]);
    halves.set(second, await measured(second));
    rounds.push(roundOf(halves.get(audited)!, halves.get(bare)!));
    const { withAudit, without, cost, cpuCost } = rounds.at(-1)!;
    say(
      `audit, round ${n}: with ${perSecond(withAudit.perSecond)}, without ${perSecond(without.perSecond)}: costs ${percent(cost)}, of processor time ${cpuCost === null ? 'not told' : percent(cpuCost)}`,
    );
  }
  const all = Math.ceil(entries / 4) + entries * config.rounds;
  for (const bed of both) await checkBooks(bed, all);
  return figuresOf(entries, await audited.auditRecords(), rounds, delays);
};

const half = async (bed: FeedBed, entries: number): Promise<Half> => {
  const before = bed.cpu();
  const { seconds } = await untilReadBack(bed, await bed.release(entries), entries);
  return { perSecond: entries / seconds, cpuMs: sum(perThousand(before, bed.cpu(), entries)) };
};

const sum = (cpu: Readonly<Record<keyof Cpu, number | null>>): number | null => {
  const known = CPU_USERS.filter((user) => user === 'feed' || user === 'postgres').map((user) => cpu[user]);
  return known.some((ms) => ms === null) ? null : known.reduce<number>((all, ms) => all + ms!, 0);
};

const roundOf = (withAudit: Half, without: Half): Round => ({
  withAudit,
  without,
  cost: 1 - withAudit.perSecond / without.perSecond,
  cpuCost: withAudit.cpuMs === null || without.cpuMs === null ? null : withAudit.cpuMs / without.cpuMs - 1,
});

const figuresOf = (entries: number, records: number, rounds: readonly Round[], delays: readonly number[]): AuditFigures => {
  const cpu = rounds.flatMap(({ cpuCost }) => cpuCost ?? []);
  return {
    entries,
    records,
    rounds,
    median: {
      withAudit: median(rounds.map((one) => one.withAudit.perSecond)),
      without: median(rounds.map((one) => one.without.perSecond)),
      cost: median(rounds.map(({ cost }) => cost)),
      cpuCost: cpu.length === 0 ? null : median(cpu),
    },
    linkMs: {
      p50: percentile(delays, 0.5),
      p99: percentile(delays, 0.99),
      most: Math.max(...delays),
      probes: delays.length,
    },
    aim: { cost: 0.1, linkMs: 1_000 },
  };
};

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

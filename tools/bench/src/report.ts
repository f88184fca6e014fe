import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Table from 'cli-table3';
import { ROOT } from './config.js';
import type { EntryFigures } from './entries.js';
import type { Machine } from './machine.js';
import { perSecond, type MessageFigures } from './messages.js';

/** Below this the way through outbox and database costs too much. */
export const LEAST_RATIO = 0.3;

export interface BenchResult {
  readonly date: string;
  readonly machine: Machine | undefined;
  readonly messages: MessageFigures | undefined;
  readonly entries: readonly EntryFigures[] | undefined;
}

export const machineLine = ({ cores, cpu, memoryGb, platform, node, postgres, nats }: Machine): string =>
  `${cores} cores (${cpu}), ${memoryGb} GB, ${platform}; Node ${node}, PostgreSQL ${postgres}, nats-server ${nats}`;

export const messagesTable = ({ events, bodyBytes, rounds, median }: MessageFigures): string => {
  const table = new Table({
    head: [`${events} events of ${bodyBytes} bytes`, ...rounds.map((_, n) => `round ${n + 1}`), 'median'],
    style: { head: [], border: [] },
  });
  const all = [...rounds, median];
  table.push(
    ['(a) raw pipelined JetStream publishing', ...all.map(({ raw }) => perSecond(raw))],
    ['(b) outbox -> JetStream -> rows committed', ...all.map(({ outboxToRows }) => perSecond(outboxToRows))],
    ['(b) / (a)', ...all.map(({ ratio }) => ratio.toFixed(2))],
    ['    as (b), appending to the outbox as well', ...all.map(({ appendToRows }) => perSecond(appendToRows))],
  );
  return table.toString();
};

export const entriesTable = (figures: readonly EntryFigures[]): string => {
  const table = new Table({
    head: ['source -> ERP, ERP latency', 'entries', 'seconds', 'entries/s', 'documents'],
    style: { head: [], border: [] },
  });
  for (const { erpLatencyMs, entries, seconds, perSecond: rate, journals } of figures)
    table.push([`${erpLatencyMs} ms`, entries, seconds.toFixed(1), Math.round(rate), journals]);
  return table.toString();
};

/** @returns where it was written. */
export const writeResult = (result: BenchResult): string => {
  const folder = join(ROOT, '.tieout/bench');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${result.date.replaceAll(':', '-')}.json`);
  writeFileSync(file, `${JSON.stringify(result, undefined, 2)}\n`);
  return file;
};

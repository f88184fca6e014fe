import type { Clock } from '@tieout/clock';
import { Fault, isDecimalString, sameDecimal } from '@tieout/model';
import { parse } from 'csv-parse/sync';
import type { Outbox } from './outbox.js';
import type { FileTotals } from './pay-run-file.js';

export type Answer =
  | { readonly kind: 'none' }
  /** Totals only where the bureau wrote them. */
  | { readonly kind: 'acknowledged'; readonly totals: FileTotals | undefined }
  | { readonly kind: 'refused'; readonly reasons: readonly { readonly lineNo: number; readonly reason: string }[] };

export const answerNamesOf = (fileName: string): { readonly ack: string; readonly rej: string } => {
  const stem = fileName.replace(/\.csv$/, '');
  return { ack: `${stem}.ack`, rej: `${stem}.rej` };
};

/** What the bureau dropped in beside a file. */
export class Answers {
  constructor(
    private readonly outbox: Outbox,
    private readonly clock: Clock,
    private readonly settleMs: number,
  ) {}

  /** @throws Fault ContractBroken for an answer that cannot be read, or that is yes and no at once. */
  async to(fileName: string): Promise<Answer> {
    const { ack, rej } = answerNamesOf(fileName);
    const [yes, no] = [await this.#settled(ack), await this.#settled(rej)];
    if (yes !== undefined && no !== undefined)
      throw new Fault('ContractBroken', `${ack} and ${rej} are both there: ask the bureau which one holds, and remove the other`);
    if (no !== undefined) return { kind: 'refused', reasons: reasonsOf(rej, no) };
    return yes === undefined ? { kind: 'none' } : { kind: 'acknowledged', totals: totalsOf(ack, yes) };
  }

  async #settled(name: string): Promise<string | undefined> {
    const changedAt = await this.outbox.changedAtMs(name);
    if (changedAt === undefined || this.clock.epochMs() - changedAt < this.settleMs) return undefined;
    return this.outbox.read(name);
  }
}

const rowsOf = (name: string, text: string): string[][] => {
  try {
    return parse(text, { bom: true, trim: true, relax_column_count: true, skip_empty_lines: true });
  } catch (cause) {
    throw new Fault('ContractBroken', `${name}: not CSV`, { cause });
  }
};

const totalsOf = (name: string, text: string): FileTotals | undefined => {
  const [row] = rowsOf(name, text);
  if (row === undefined) return undefined;
  const [mark, count = '', hours = '', hashTotal = ''] = row;
  if (mark !== 'T' || !/^\d{1,9}$/.test(count) || !isDecimalString(hours))
    throw new Fault('ContractBroken', `${name}: expected nothing, or T,count,hours,hashTotal`);
  return { count: Number(count), hours, hashTotal: hashTotal.toLowerCase() };
};

const reasonsOf = (name: string, text: string): { lineNo: number; reason: string }[] =>
  rowsOf(name, text).map(([lineNo = '', reason = '']) => {
    if (!/^\d{1,9}$/.test(lineNo))
      throw new Fault('ContractBroken', `${name}: expected lineNo,reason in each row; 0 is the whole file`);
    return { lineNo: Number(lineNo), reason };
  });

/** @returns what the bureau counted otherwise, for a person; undefined when it agrees or says nothing. */
export const disagreement = (ours: FileTotals, theirs: FileTotals | undefined): string | undefined => {
  if (theirs === undefined) return undefined;
  if (theirs.count !== ours.count) return `${theirs.count} lines, sent were ${ours.count}`;
  if (!sameDecimal(theirs.hours, ours.hours)) return `${theirs.hours} hours, sent were ${ours.hours}`;
  if (theirs.hashTotal !== '' && theirs.hashTotal !== ours.hashTotal)
    return `hash total ${theirs.hashTotal}, sent was ${ours.hashTotal}`;
  return undefined;
};

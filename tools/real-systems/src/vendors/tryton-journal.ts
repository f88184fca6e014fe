import { hundredthsOf } from '../scenario/amounts.js';
import type { TrytonRpc } from './tryton-rpc.js';

/** A posted line on the cost account, as it stands in Tryton. Hours and amount in hundredths, signed. */
export interface JournalLine {
  readonly id: number;
  readonly moveId: number;
  readonly period: string;
  readonly postingKey: string;
  readonly worker: string;
  readonly project: string;
  readonly date: string;
  readonly hours: bigint;
  readonly amount: bigint;
}

export interface Journal {
  readonly lines: readonly JournalLine[];
  readonly drafts: number;
  /** Debit less credit over all lines of all posted moves: a ledger balances. */
  readonly balance: bigint;
}

interface Row {
  readonly id: number;
  readonly description: string | null;
  readonly debit: { decimal: string };
  readonly credit: { decimal: string };
  readonly 'move.': { readonly id: number; readonly state: string; readonly 'period.': { readonly name: string } };
  readonly 'account.': { readonly code: string | null };
}

/** Everything that stands in the journal, read from Tryton itself. @throws Error at a line that nobody can account for. */
export const readJournal = async (tryton: TrytonRpc): Promise<Journal> => {
  const fields = ['description', 'debit', 'credit', 'move.state', 'move.period.name', 'account.code'];
  const rows = await tryton.call<Row[]>('model.account.move.line.search_read', [], 0, null, [['id', 'ASC']], fields);
  const drafts = await tryton.call<number>('model.account.move.search_count', [['state', '=', 'draft']]);
  const posted = rows.filter((row) => row['move.'].state === 'posted');
  const amountOf = (row: Row): bigint => hundredthsOf(row.debit.decimal) - hundredthsOf(row.credit.decimal);
  const lines = posted
    .filter((row) => row['account.'].code === '6000')
    .map((row) => {
      const [mark, postingKey, worker, project, hours, date, ...rest] = (row.description ?? '').split('|');
      if (
        mark !== 'TO1' ||
        postingKey === undefined ||
        worker === undefined ||
        project === undefined ||
        hours === undefined ||
        date === undefined ||
        rest.length > 0
      )
        throw new Error(`line ${row.id} in Tryton carries the description ${JSON.stringify(row.description)}`);
      return {
        id: row.id,
        moveId: row['move.'].id,
        period: row['move.']['period.'].name,
        postingKey,
        worker,
        project,
        date,
        hours: hundredthsOf(hours),
        amount: amountOf(row),
      };
    });
  return { lines, drafts, balance: posted.reduce((sum, row) => sum + amountOf(row), 0n) };
};

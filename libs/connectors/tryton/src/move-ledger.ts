import type { BookedDocument, BookedLine, LedgerPage } from '@tieout/connector-kit';
import type { PostingDate } from '@tieout/model';
import { fromDate, toDate } from './client/encoding.js';
import type { TrytonClient } from './client/tryton-client.js';
import type { TrytonConfig } from './config.js';
import { readDescription, signedAmount } from './mapping.js';

export interface MoveRow {
  readonly id: number;
  readonly state: 'draft' | 'posted';
  readonly date: unknown;
  readonly description: string | null;
  readonly 'period.': { readonly name: string };
}
interface LineRow {
  readonly id: number;
  readonly move: number;
  readonly description: string | null;
  readonly debit: unknown;
  readonly credit: unknown;
  readonly 'account.': { readonly code: string | null; readonly 'type.': { readonly expense: boolean } | null };
}
export interface LedgerWindow {
  readonly from: PostingDate;
  readonly to: PostingDate;
}

const MOVE_FIELDS = ['state', 'date', 'description', 'period.name'];
const LINE_FIELDS = ['move', 'description', 'debit', 'credit', 'account.code', 'account.type.expense'];
/** Moves in one read: keeps the statement behind it small. */
const READ_BATCH = 100;

/** Account moves as booked documents. */
export class MoveLedger {
  constructor(
    private readonly client: TrytonClient,
    private readonly config: TrytonConfig,
  ) {}

  moves(domain: readonly unknown[], limit?: number): Promise<readonly MoveRow[]> {
    return this.client.searchRead<MoveRow>('account.move', domain, MOVE_FIELDS, { ...(limit !== undefined && { limit }) });
  }
  async byIds(externalIds: readonly string[]): Promise<readonly BookedDocument[]> {
    const ids = externalIds.map(Number).filter(Number.isSafeInteger);
    const booked: BookedDocument[] = [];
    for (let i = 0; i < ids.length; i += READ_BATCH)
      booked.push(...(await this.#withLines(await this.moves([['id', 'in', ids.slice(i, i + READ_BATCH)]]), false)));
    return booked;
  }
  /** Posted moves of our journal, by id; a move that is posted while the pages are read may be missing. */
  async page({ from, to }: LedgerWindow, company: number, cursor: string | undefined): Promise<LedgerPage> {
    const size = Math.min(this.config.pageSize, READ_BATCH);
    const moves = await this.moves(
      [
        ['company', '=', company],
        ['journal.code', '=', this.config.journal],
        ['state', '=', 'posted'],
        ['date', '>=', toDate(from)],
        ['date', '<=', toDate(to)],
        ['id', '>', Number(cursor ?? 0)],
      ],
      size,
    );
    const documents = await this.#withLines(moves, true);
    return { documents, ...(moves.length === size && { next: String(moves.at(-1)!.id) }) };
  }

  async #withLines(moves: readonly MoveRow[], withForeign: boolean): Promise<BookedDocument[]> {
    if (moves.length === 0) return [];
    const ids = moves.map((move) => move.id);
    const rows = await this.client.searchRead<LineRow>('account.move.line', [['move', 'in', ids]], LINE_FIELDS);
    const byMove = Map.groupBy(rows, (row) => row.move);
    return moves.map((move) => ({
      externalId: String(move.id),
      state: move.state,
      reference: move.description ?? undefined,
      legalEntityId: this.config.legalEntity,
      postingPeriod: move['period.'].name,
      postingDate: fromDate(move.date, 'date'),
      lines: (byMove.get(move.id) ?? []).flatMap((row) => bookedLine(row, withForeign) ?? []),
    }));
  }
}

/** Ours by their mark; of others, where they are asked for, what was booked on the cost side. */
const bookedLine = (row: LineRow, withForeign: boolean): BookedLine | undefined => {
  const said = readDescription(row.description);
  const money = { amount: signedAmount(row.debit, row.credit), account: row['account.'].code ?? undefined };
  if (said === 'balance') return undefined;
  if (said !== undefined) return { ...said, ...money };
  if (!withForeign || row['account.']['type.']?.expense !== true) return undefined;
  // Tryton knows no hours of its own: what others booked has money only.
  return { postingKey: `line ${row.id}`, hours: '0', ...money };
};

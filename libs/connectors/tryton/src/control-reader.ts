import type { ControlReader, DestinationEvidence } from '@tieout/connector-kit';
import { decimal, Fault, toDecimalString, type PostingDate } from '@tieout/model';
import type { TrytonClient } from './client/tryton-client.js';
import { fromDate, fromDecimal, toDate } from './client/encoding.js';
import type { TrytonConfig } from './config.js';

interface JournalLine {
  readonly id: number;
  readonly description: string | null;
  readonly debit: unknown;
  readonly credit: unknown;
  readonly 'move.': {
    readonly date: unknown;
    readonly description: string | null;
    readonly 'period.': { readonly name: string };
  };
  readonly 'account.': { readonly 'type.': { readonly expense: boolean } | null };
}

const FIELDS = ['description', 'debit', 'credit', 'move.date', 'move.description', 'move.period.name', 'account.type.expense'];
const PAGE = 1000;

/** Posted lines of our journal on the cost side: those that carry our key, and those on expense accounts that carry none. Drafts are not in the ledger. */
export class TrytonControlReader implements ControlReader {
  constructor(
    private readonly client: TrytonClient,
    private readonly config: TrytonConfig,
  ) {}

  async readDestination(window: {
    readonly from: PostingDate;
    readonly to: PostingDate;
  }): Promise<readonly DestinationEvidence[]> {
    const company = await this.client.company();
    const currency = await this.#currency(company);
    const domain = [
      ['move.company', '=', company],
      ['move.journal.code', '=', this.config.journal],
      ['move.state', '=', 'posted'],
      ['move.date', '>=', toDate(window.from)],
      ['move.date', '<=', toDate(window.to)],
    ];
    const evidence: DestinationEvidence[] = [];
    let after = 0;
    for (;;) {
      const rows = await this.client.searchRead<JournalLine>('account.move.line', [...domain, ['id', '>', after]], FIELDS, {
        limit: PAGE,
      });
      for (const row of rows) evidence.push(...this.#evidence(row, currency));
      if (rows.length < PAGE) return evidence;
      after = rows.at(-1)!.id;
    }
  }

  async #currency(company: number): Promise<string> {
    const [row] = await this.client.searchRead<{ 'currency.': { code: string } }>(
      'company.company',
      [['id', '=', company]],
      ['currency.code'],
    );
    if (!row) throw new Fault('ContractBroken', 'the company of the user cannot be read');
    return row['currency.'].code;
  }

  #evidence(row: JournalLine, currency: string): readonly DestinationEvidence[] {
    const parts = (row.description ?? '').split('|').map((part) => part.replaceAll('%7C', '|').replaceAll('%25', '%'));
    const [mark, reference, workerCode, projectCode, hours] = parts;
    const ours = mark === 'TO1';
    if (!ours && row['account.']['type.']?.expense !== true) return [];
    const postingDate = fromDate(row['move.'].date, 'move.date');
    if (postingDate === undefined) throw new Fault('ContractBroken', `move line ${row.id} has no date`);
    return [
      {
        ...(ours && { reference, workerCode, projectCode, hours }),
        documentReference: row['move.'].description ?? undefined,
        externalId: String(row.id),
        amount: toDecimalString(decimal(fromDecimal(row.debit, 'debit')).minus(fromDecimal(row.credit, 'credit'))),
        currency,
        legalEntityId: this.config.legalEntity,
        postingPeriod: row['move.']['period.'].name,
        postingDate,
      },
    ];
  }
}

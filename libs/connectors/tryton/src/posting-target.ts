import type {
  BookedDocument,
  DraftOutcome,
  FoundDocument,
  LedgerPage,
  PostingDocument,
  PostingTarget,
  PostOutcome,
  RejectedLine,
  Rejection,
} from '@tieout/connector-kit';
import { Fault } from '@tieout/model';
import type { TrytonClient } from './client/tryton-client.js';
import { TrytonRefusal } from './client/tryton-error.js';
import type { TrytonConfig } from './config.js';
import { toMove } from './mapping.js';
import { MoveLedger, type LedgerWindow, type MoveRow } from './move-ledger.js';

const PERIOD_CLOSED = /closed (journal-)?period|period of move .* is closed/i;
const INVALID_LINE = /Account Move Line|Analytic Line|line /i;
const rejection = (refusal: TrytonRefusal): Rejection => ({
  kind: 'rejected',
  message: refusal.message,
  cause: PERIOD_CLOSED.test(refusal.message)
    ? 'period-closed'
    : refusal.kind === 'UserError' && INVALID_LINE.test(refusal.message)
      ? 'invalid-line'
      : 'other',
  lines: [],
});

/** One account move per document: a draft first, whose id the engine stores, then posted. */
export class TrytonPostingTarget implements PostingTarget {
  /** Codes that were found once; codes that were not are asked for again. */
  readonly #accounts = new Map<string, number>();
  readonly #costCentres = new Map<string, number>();
  readonly #periods = new Map<string, number>();
  readonly #ledger: MoveLedger;
  #journal: number | undefined;

  constructor(
    private readonly client: TrytonClient,
    private readonly config: TrytonConfig,
  ) {
    this.#ledger = new MoveLedger(client, config);
  }

  async verifyAccess(): Promise<void> {
    await this.client.company();
    await this.#journalId();
  }

  async createDraft(document: PostingDocument): Promise<DraftOutcome> {
    const refused = await this.#resolve(document);
    if (refused) return refused;
    const move = toMove(document, {
      journal: await this.#journalId(),
      period: this.#periods.get(document.postingPeriod)!,
      account: (code) => this.#accounts.get(code)!,
      costCentre: (code) => this.#costCentres.get(code)!,
    });
    try {
      const ids = await this.client.write('model.account.move.create', [[move]]);
      const [id] = Array.isArray(ids) ? (ids as unknown[]) : [];
      if (typeof id !== 'number') throw new Fault('OutcomeUnknown', 'account.move.create answered without an id');
      return { kind: 'drafted', draftId: String(id) };
    } catch (error) {
      if (error instanceof TrytonRefusal) return rejection(error);
      throw error;
    }
  }

  async postDraft(draftId: string, _document: PostingDocument): Promise<PostOutcome> {
    const posted: PostOutcome = { kind: 'posted', externalId: draftId };
    try {
      await this.client.write('model.account.move.post', [[Number(draftId)]]);
      return posted;
    } catch (error) {
      if (!(error instanceof TrytonRefusal)) throw error;
      // "You cannot modify posted move": an earlier try went through. The state says it more surely than the words.
      const [found] = await this.#moves([['id', '=', Number(draftId)]]);
      return found?.state === 'posted' ? posted : rejection(error);
    }
  }

  async discardDraft(draftId: string): Promise<void> {
    const id = Number(draftId);
    const [found] = await this.#moves([['id', '=', id]]);
    if (!found) return;
    if (found.state === 'posted') throw new Fault('ContractBroken', `move ${draftId} is posted and cannot be discarded`);
    try {
      await this.client.write('model.account.move.delete', [[id]]);
    } catch (error) {
      if (error instanceof TrytonRefusal)
        throw new Fault('ContractBroken', `move ${draftId} cannot be discarded: ${error.message}`, { cause: error });
      throw error;
    }
  }

  async findByReference(documentKey: string): Promise<readonly FoundDocument[]> {
    const moves = await this.#moves([['description', '=', documentKey]]);
    return moves.map((move) => ({ externalId: String(move.id), state: move.state }));
  }

  readBack(externalIds: readonly string[]): Promise<readonly BookedDocument[]> {
    return this.#ledger.byIds(externalIds);
  }

  async readLedger(window: LedgerWindow, cursor: string | undefined): Promise<LedgerPage> {
    return this.#ledger.page(window, await this.client.company(), cursor);
  }

  #moves(domain: readonly unknown[]): Promise<readonly MoveRow[]> {
    return this.#ledger.moves(domain);
  }

  /** Looks codes up, all missing ones in one question per kind. @returns the refusal when the document names what is not there. */
  async #resolve(document: PostingDocument): Promise<Rejection | undefined> {
    const company = await this.client.company();
    const { lines } = document;
    await this.#learn(
      this.#accounts,
      'account.account',
      [
        ['company', '=', company],
        ['closed', '!=', true],
      ],
      'code',
      [...lines.map((l) => l.account), ...lines.map((l) => l.balancingAccount)],
    );
    await this.#learn(
      this.#costCentres,
      'analytic_account.account',
      [
        ['company', '=', company],
        ['type', '=', 'normal'],
      ],
      'code',
      lines.flatMap((l) => l.costCentre ?? []),
    );
    await this.#learn(
      this.#periods,
      'account.period',
      [
        ['company', '=', company],
        ['type', '=', 'standard'],
      ],
      'name',
      [document.postingPeriod],
    );
    if (!this.#periods.has(document.postingPeriod))
      return {
        kind: 'rejected',
        cause: 'other',
        message: `Tryton has no accounting period "${document.postingPeriod}"`,
        lines: [],
      };
    const bad: RejectedLine[] = lines.flatMap((line) => {
      const missing = [line.account, line.balancingAccount]
        .filter((code) => !this.#accounts.has(code))
        .map((code) => `account ${code}`);
      if (line.costCentre !== undefined && !this.#costCentres.has(line.costCentre))
        missing.push(`cost centre ${line.costCentre}`);
      return missing.length === 0 ? [] : [{ postingKey: line.postingKey, message: `Tryton has no ${missing.join(' and no ')}` }];
    });
    return bad.length === 0 ? undefined : { kind: 'rejected', cause: 'invalid-line', message: bad[0]!.message, lines: bad };
  }

  async #learn(
    known: Map<string, number>,
    model: string,
    domain: readonly unknown[],
    field: string,
    codes: readonly string[],
  ): Promise<void> {
    const wanted = [...new Set(codes)].filter((code) => !known.has(code));
    if (wanted.length === 0) return;
    const rows = await this.client.searchRead<Record<string, unknown> & { id: number }>(
      model,
      [...domain, [field, 'in', wanted]],
      [field],
    );
    for (const row of rows) known.set(String(row[field]), row.id);
  }

  async #journalId(): Promise<number> {
    if (this.#journal !== undefined) return this.#journal;
    const [id] = await this.client.search('account.journal', [['code', '=', this.config.journal]]);
    if (id === undefined)
      throw new Fault('ContractBroken', `Tryton has no journal with code "${this.config.journal}" (setting "journal")`);
    this.#journal = id;
    return id;
  }
}

import { createHash } from 'node:crypto';
import { AppendLog } from '../kit/append-log.js';
import { VendorError } from '../kit/system.js';

export type PeriodState = 'open' | 'closing' | 'closed';
export interface ErpPeriod {
  readonly company: string;
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly state: PeriodState;
}
/** The ERP's own words; quantities and values are decimal texts. */
export interface ErpLine {
  readonly lineRef: string;
  readonly account: string;
  readonly offsetAccount: string;
  readonly employee: string;
  readonly project: string;
  readonly task?: string;
  readonly costCenter?: string;
  readonly serviceDate: string;
  readonly quantity: string;
  readonly value: string;
  readonly text?: string;
}
export interface NewJournal {
  readonly reference: string;
  readonly company: string;
  readonly period: string;
  readonly journalDate: string;
  readonly currency: string;
  readonly lines: readonly ErpLine[];
}
export interface ErpJournal extends NewJournal {
  readonly journalNo: string;
  readonly postedAt: string;
}
export type Dimension = 'accounts' | 'employees' | 'projects';

type ErpRecord =
  | { readonly t: 'company'; readonly code: string; readonly currency: string }
  | { readonly t: 'period'; readonly period: ErpPeriod }
  | { readonly t: 'dimension'; readonly dimension: Dimension; readonly codes: readonly string[] }
  | { readonly t: 'journal'; readonly journal: ErpJournal; readonly key?: string; readonly hash?: string }
  | { readonly t: 'tamper'; readonly journalNo: string; readonly lineRef: string; readonly change: Partial<ErpLine> | null };

const DECIMAL = /^-?\d{1,15}(\.\d{1,6})?$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** Companies, periods, dimensions and journals of the sandbox ERP. */
export class ErpState {
  readonly companies = new Map<string, { code: string; currency: string }>();
  readonly periods = new Map<string, ErpPeriod>();
  /** A dimension with no codes loaded is not checked. */
  readonly dimensions: Record<Dimension, Set<string>> = { accounts: new Set(), employees: new Set(), projects: new Set() };
  readonly journals = new Map<string, ErpJournal>();
  readonly #byReference = new Map<string, string[]>();
  readonly #byKey = new Map<string, { journalNo: string; hash: string }>();
  readonly #log: AppendLog<ErpRecord>;
  #lastNo = 0;

  constructor(dataFile?: string) {
    this.#log = new AppendLog(dataFile);
    this.#log.replay((record) => this.#apply(record));
  }
  close(): void {
    this.#log.close();
  }
  putCompany(code: string, currency: string): void {
    this.#write({ t: 'company', code, currency });
  }
  putPeriod(period: ErpPeriod): void {
    if (!DATE.test(period.from) || !DATE.test(period.to) || !['open', 'closing', 'closed'].includes(period.state))
      throw new VendorError(400, 'PERIOD_INVALID', 'a period needs from, to and a state of open, closing or closed');
    this.#write({ t: 'period', period });
  }
  addCodes(dimension: Dimension, codes: readonly string[]): void {
    this.#write({ t: 'dimension', dimension, codes });
  }
  /** Changes or removes what stands in the books, past all rules: for reconciliation to find. */
  tamper(journalNo: string, lineRef: string, change: Partial<ErpLine> | null): void {
    this.#write({ t: 'tamper', journalNo, lineRef, change });
  }
  /** The journal booked earlier under the key. @throws VendorError 409 when the key was used for other content. */
  replayOf(key: string, journal: NewJournal): ErpJournal | undefined {
    const stored = this.#byKey.get(key);
    if (!stored) return undefined;
    if (stored.hash !== hashOf(journal))
      throw new VendorError(409, 'IDEMPOTENCY_KEY_REUSED', 'the Idempotency-Key was used for another journal');
    return this.journals.get(stored.journalNo);
  }
  /** All or nothing. @throws VendorError 422 naming the period or the lines. */
  check(journal: NewJournal): void {
    if (typeof journal.reference !== 'string' || !Array.isArray(journal.lines) || journal.lines.length === 0)
      throw new VendorError(400, 'JOURNAL_INVALID', 'a journal needs a reference and at least one line');
    const company = this.companies.get(journal.company);
    if (!company) throw new VendorError(422, 'COMPANY_UNKNOWN', `company ${journal.company} does not exist`);
    if (company.currency !== journal.currency)
      throw new VendorError(422, 'CURRENCY', `company ${company.code} books in ${company.currency}, not ${journal.currency}`);
    const period = this.periods.get(`${journal.company}/${journal.period}`);
    if (!period)
      throw new VendorError(422, 'PERIOD_UNKNOWN', `period ${journal.period} of company ${journal.company} does not exist`);
    if (period.state === 'closed')
      throw new VendorError(422, 'PERIOD_CLOSED', `period ${period.name} of company ${period.company} is closed`, {
        company: period.company,
        period: period.name,
      });
    if (!(journal.journalDate >= period.from && journal.journalDate <= period.to))
      throw new VendorError(
        422,
        'DATE_OUTSIDE_PERIOD',
        `journal date ${journal.journalDate} lies outside period ${period.name} (${period.from} to ${period.to})`,
      );
    const lines = journal.lines.flatMap((line) => this.#lineErrors(line));
    if (lines.length > 0) throw new VendorError(422, 'LINES_INVALID', `${lines.length} line error(s)`, { lines });
  }
  /** Books without looking whether it stands already: the reference is not unique here, as in many real systems. */
  book(journal: NewJournal, key?: string): ErpJournal {
    const { reference, company, period, journalDate, currency, lines } = journal;
    const booked = {
      journalNo: this.nextNo(),
      reference,
      company,
      period,
      journalDate,
      currency,
      lines,
      postedAt: new Date().toISOString(),
    };
    this.#write({ t: 'journal', journal: booked, ...(key !== undefined && { key, hash: hashOf(journal) }) });
    return booked;
  }
  nextNo(): string {
    this.#lastNo += 1;
    return String(this.#lastNo);
  }
  byReference(reference: string): ErpJournal[] {
    return (this.#byReference.get(reference) ?? []).map((no) => this.journals.get(no)!);
  }
  #lineErrors(line: ErpLine): { lineRef: string; field: string; message: string }[] {
    const errors: { lineRef: string; field: string; message: string }[] = [];
    const known = (dimension: Dimension, field: keyof ErpLine, code: string | undefined): void => {
      const codes = this.dimensions[dimension];
      if (code === undefined || code === '' || (codes.size > 0 && !codes.has(code)))
        errors.push({ lineRef: line.lineRef, field, message: `${field} ${code ?? ''} does not exist` });
    };
    known('accounts', 'account', line.account);
    known('accounts', 'offsetAccount', line.offsetAccount);
    known('employees', 'employee', line.employee);
    known('projects', 'project', line.project);
    for (const field of ['quantity', 'value'] as const)
      if (!DECIMAL.test(String(line[field])))
        errors.push({ lineRef: line.lineRef, field, message: `${field} is not a decimal text` });
    if (!DATE.test(line.serviceDate))
      errors.push({ lineRef: line.lineRef, field: 'serviceDate', message: 'serviceDate is not a date' });
    return errors;
  }
  #write(record: ErpRecord): void {
    this.#log.append(record);
    this.#apply(record);
  }
  #apply(record: ErpRecord): void {
    if (record.t === 'company') this.companies.set(record.code, { code: record.code, currency: record.currency });
    else if (record.t === 'period') this.periods.set(`${record.period.company}/${record.period.name}`, record.period);
    else if (record.t === 'dimension') for (const code of record.codes) this.dimensions[record.dimension].add(code);
    else if (record.t === 'journal') this.#applyJournal(record);
    else {
      const journal = this.journals.get(record.journalNo);
      if (!journal) return;
      const lines = journal.lines.flatMap((line) =>
        line.lineRef !== record.lineRef ? [line] : record.change === null ? [] : [{ ...line, ...record.change }],
      );
      this.journals.set(journal.journalNo, { ...journal, lines });
    }
  }
  #applyJournal({ journal, key, hash }: Extract<ErpRecord, { t: 'journal' }>): void {
    this.journals.set(journal.journalNo, journal);
    this.#byReference.set(journal.reference, [...(this.#byReference.get(journal.reference) ?? []), journal.journalNo]);
    if (key !== undefined && hash !== undefined) this.#byKey.set(key, { journalNo: journal.journalNo, hash });
    this.#lastNo = Math.max(this.#lastNo, Number(journal.journalNo));
  }
}

const hashOf = (journal: NewJournal): string => createHash('sha256').update(JSON.stringify(journal)).digest('hex');

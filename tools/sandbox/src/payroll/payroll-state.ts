import { addDecimals, hashTotal, isCalendarDate, isDecimalString } from '@tieout/model';
import { AppendLog } from '../kit/append-log.js';
import { VendorError } from '../kit/system.js';

export interface PayPeriod {
  readonly payGroup: string;
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly state: 'open' | 'closed';
}
/** The bureau's own words; hours are signed decimal texts. */
export interface PayLine {
  readonly lineRef: string;
  readonly employee: string;
  readonly payCode: string;
  readonly hours: string;
  readonly workDate: string;
  readonly project?: string;
  readonly costCenter?: string;
  /** What the hours cost the sender. Kept, never paid: this bureau reckons pay itself. */
  readonly value?: string;
  readonly text?: string;
}
export interface PayTotals {
  readonly count: number;
  readonly hours: string;
  readonly hashTotal: string;
}
export interface NewBatch {
  readonly reference: string;
  readonly company: string;
  readonly payGroup: string;
  readonly payPeriod: string;
  readonly bookingDate: string;
  readonly currency: string;
  readonly controlTotals: PayTotals;
  readonly lines: readonly PayLine[];
}
export interface LineError {
  readonly lineRef: string;
  readonly field: string;
  readonly message: string;
}
export interface PayBatch extends NewBatch {
  readonly ticket: string;
  readonly receivedAt: string;
  /** Until then it is queued. */
  readonly readyAt: string;
  /** Not empty: refused as a whole. */
  readonly errors: readonly LineError[];
}
export type BatchStatus = 'queued' | 'acknowledged' | 'refused';
export type PayDimension = 'employees' | 'payCodes';

type PayrollRecord =
  | { readonly t: 'period'; readonly period: PayPeriod }
  | { readonly t: 'dimension'; readonly dimension: PayDimension; readonly codes: readonly string[] }
  | { readonly t: 'batch'; readonly batch: PayBatch }
  | { readonly t: 'tamper'; readonly ticket: string; readonly lineRef: string; readonly change: Partial<PayLine> | null };

const totalsOf = (lines: readonly PayLine[]): PayTotals => ({
  count: lines.length,
  hours: addDecimals(lines.map((line) => line.hours)),
  hashTotal: hashTotal(lines.map((line) => line.lineRef)),
});
const sameTotals = (a: PayTotals, b: PayTotals): boolean =>
  a.count === b.count && a.hashTotal === b.hashTotal && addDecimals([a.hours]) === addDecimals([b.hours]);

/** Pay periods, codes and batches of the sandbox payroll bureau. */
export class PayrollState {
  readonly periods = new Map<string, PayPeriod>();
  /** A dimension with no codes loaded is not checked. */
  readonly dimensions: Record<PayDimension, Set<string>> = { employees: new Set(), payCodes: new Set() };
  readonly batches = new Map<string, PayBatch>();
  /** How long a batch stays queued. */
  processingMs = 0;
  /** F37: this bureau cannot take hours back and says so to nobody. */
  cutNegatives = false;
  readonly #byReference = new Map<string, string[]>();
  readonly #log: AppendLog<PayrollRecord>;
  #lastNo = 0;

  constructor(dataFile?: string) {
    this.#log = new AppendLog(dataFile);
    this.#log.replay((record) => this.#apply(record));
  }
  close(): void {
    this.#log.close();
  }
  putPeriod(period: PayPeriod): void {
    if (!isCalendarDate(period.from) || !isCalendarDate(period.to) || !['open', 'closed'].includes(period.state))
      throw new VendorError(400, 'PERIOD_INVALID', 'a pay period needs from, to and a state of open or closed');
    this.#write({ t: 'period', period });
  }
  addCodes(dimension: PayDimension, codes: readonly string[]): void {
    this.#write({ t: 'dimension', dimension, codes });
  }
  /** Changes or removes what stands here, past all rules: for reconciliation to find. */
  tamper(ticket: string, lineRef: string, change: Partial<PayLine> | null): void {
    this.#write({ t: 'tamper', ticket, lineRef, change });
  }
  /** What is checked before a batch is taken. Lines are judged later, when it is processed. @throws VendorError 400 or 422 */
  check(batch: NewBatch): void {
    if (typeof batch.reference !== 'string' || !Array.isArray(batch.lines) || batch.lines.length === 0)
      throw new VendorError(400, 'BATCH_INVALID', 'a batch needs a reference and at least one line');
    if (!isCalendarDate(batch.bookingDate)) throw new VendorError(400, 'BATCH_INVALID', 'a batch needs a bookingDate');
    if (!batch.lines.every((line) => typeof line.lineRef === 'string' && isDecimalString(line.hours)))
      throw new VendorError(400, 'BATCH_INVALID', 'every line needs a lineRef and hours as a decimal text');
    const name = `${batch.payGroup}/${batch.payPeriod}`;
    const period = this.periods.get(name);
    if (!period) throw new VendorError(422, 'PERIOD_UNKNOWN', `pay period ${name} does not exist`);
    if (period.state === 'closed') throw new VendorError(422, 'PERIOD_CLOSED', `pay period ${name} is closed`);
    const [stated, counted] = [batch.controlTotals, totalsOf(batch.lines)];
    if (!isDecimalString(stated?.hours) || !sameTotals(stated, counted))
      throw new VendorError(422, 'TOTALS_DIFFER', 'the control totals do not match the lines', { stated, counted });
  }
  /** Takes a batch for later, without looking whether its reference stands already. */
  take(batch: NewBatch): PayBatch {
    const now = Date.now();
    const { reference, company, payGroup, payPeriod, bookingDate, currency, controlTotals, lines } = batch;
    const errors = lines.flatMap((line) => this.#errorsOf(line));
    const kept = lines.map((line) => (this.cutNegatives && line.hours.startsWith('-') ? { ...line, hours: '0' } : line));
    const taken: PayBatch = {
      ticket: this.nextTicket(),
      receivedAt: new Date(now).toISOString(),
      readyAt: new Date(now + this.processingMs).toISOString(),
      ...{ reference, company, payGroup, payPeriod, bookingDate, currency, controlTotals },
      lines: kept,
      errors,
    };
    this.#write({ t: 'batch', batch: taken });
    return taken;
  }
  nextTicket(): string {
    this.#lastNo += 1;
    return String(this.#lastNo);
  }
  byReference(reference: string): PayBatch[] {
    return (this.#byReference.get(reference) ?? []).map((ticket) => this.batches.get(ticket)!);
  }
  statusOf(batch: PayBatch): BatchStatus {
    if (Date.parse(batch.readyAt) > Date.now()) return 'queued';
    return batch.errors.length > 0 ? 'refused' : 'acknowledged';
  }
  acknowledgementOf(batch: PayBatch): PayTotals {
    return totalsOf(batch.lines);
  }
  /** What each person is paid for, from everything acknowledged. */
  personTotals(payGroup: string, payPeriod: string): { employee: string; payCode: string; hours: string }[] {
    const hours = new Map<string, { employee: string; payCode: string; hours: string }>();
    for (const batch of this.batches.values()) {
      if (batch.payGroup !== payGroup || batch.payPeriod !== payPeriod || this.statusOf(batch) !== 'acknowledged') continue;
      for (const line of batch.lines) {
        const key = `${line.employee}\n${line.payCode}`;
        const before = hours.get(key)?.hours ?? '0';
        hours.set(key, { employee: line.employee, payCode: line.payCode, hours: addDecimals([before, line.hours]) });
      }
    }
    return [...hours].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, total]) => total);
  }
  #errorsOf(line: PayLine): LineError[] {
    const errors: LineError[] = [];
    const known = (dimension: PayDimension, field: 'employee' | 'payCode'): void => {
      const codes = this.dimensions[dimension];
      if (codes.size > 0 && !codes.has(line[field]))
        errors.push({ lineRef: line.lineRef, field, message: `${field} ${line[field] ?? ''} does not exist` });
    };
    known('employees', 'employee');
    known('payCodes', 'payCode');
    if (!isCalendarDate(line.workDate))
      errors.push({ lineRef: line.lineRef, field: 'workDate', message: 'workDate is not a date' });
    return errors;
  }
  #write(record: PayrollRecord): void {
    this.#log.append(record);
    this.#apply(record);
  }
  #apply(record: PayrollRecord): void {
    if (record.t === 'period') this.periods.set(`${record.period.payGroup}/${record.period.name}`, record.period);
    else if (record.t === 'dimension') for (const code of record.codes) this.dimensions[record.dimension].add(code);
    else if (record.t === 'batch') {
      const { ticket, reference } = record.batch;
      this.batches.set(ticket, record.batch);
      this.#byReference.set(reference, [...(this.#byReference.get(reference) ?? []), ticket]);
      this.#lastNo = Math.max(this.#lastNo, Number(ticket));
    } else {
      const batch = this.batches.get(record.ticket);
      if (!batch) return;
      const lines = batch.lines.flatMap((line) =>
        line.lineRef !== record.lineRef ? [line] : record.change === null ? [] : [{ ...line, ...record.change }],
      );
      this.batches.set(record.ticket, { ...batch, lines });
    }
  }
}

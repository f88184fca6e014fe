import { AppendLog } from '../kit/append-log.js';
import { VendorError } from '../kit/system.js';

export type TimesheetStatus = 'draft' | 'submitted' | 'approved' | 'rejected';
/** The PSA's own words. Hours are decimal texts; what an import brought stays as it came, right or wrong. */
export interface TimesheetContent {
  readonly employee?: string;
  readonly project?: string;
  readonly task?: string;
  readonly activity?: string;
  readonly date?: string;
  readonly hours?: string;
  readonly billable?: boolean;
  readonly notes?: string;
}
export interface Timesheet extends TimesheetContent {
  readonly id: string;
  readonly revision: number;
  readonly status: TimesheetStatus;
  readonly approvedBy?: string;
  readonly approvedAt?: string;
  readonly changedAt: string;
  readonly seq: number;
}
export type ImportedTimesheet = TimesheetContent & {
  readonly id: string;
  readonly status: TimesheetStatus;
  readonly approvedBy?: string;
  readonly approvedAt?: string;
};

type TimesheetRecord = { readonly put: Timesheet } | { readonly removed: string };

/** Timesheets with their change feed: each stands in the feed once, at its last change. */
export class TimesheetStore {
  readonly #byId = new Map<string, Timesheet>();
  readonly #byDate = new Map<string, Set<string>>();
  /** Index = sequence number; superseded places are empty. */
  readonly #feed: (string | undefined)[] = [];
  readonly #log: AppendLog<TimesheetRecord>;
  #lastId = 0;

  constructor(dataFile?: string) {
    this.#log = new AppendLog(dataFile);
    this.#log.replay((record) => this.#apply(record));
  }
  close(): void {
    this.#log.close();
  }
  get size(): number {
    return this.#byId.size;
  }
  get lastSeq(): number {
    return Math.max(0, this.#feed.length - 1);
  }
  get(id: string): Timesheet {
    const sheet = this.#byId.get(id);
    if (!sheet) throw new VendorError(404, 'NOT_FOUND', `timesheet ${id} does not exist`);
    return sheet;
  }
  create(content: TimesheetContent & { id?: string; status?: TimesheetStatus }): Timesheet {
    const id = content.id ?? `TS-${String(this.#lastId + 1).padStart(6, '0')}`;
    if (this.#byId.has(id)) throw new VendorError(409, 'EXISTS', `timesheet ${id} exists`);
    const status = content.status === 'draft' ? 'draft' : 'submitted';
    return this.#put({ ...content, id, status, revision: 1 });
  }
  /** @throws VendorError 409 for an approved timesheet: it must be un-approved first, as in real systems. */
  edit(id: string, change: TimesheetContent): Timesheet {
    const sheet = this.get(id);
    if (sheet.status === 'approved') throw new VendorError(409, 'APPROVED', `timesheet ${id} is approved: un-approve it first`);
    return this.#put({ ...sheet, ...change, revision: sheet.revision + 1 });
  }
  decide(id: string, status: TimesheetStatus, by?: string, at?: string): Timesheet {
    const { approvedBy: _by, approvedAt: _at, ...sheet } = this.get(id);
    const approval =
      status === 'approved' ? { approvedAt: at ?? new Date().toISOString(), ...(by !== undefined && { approvedBy: by }) } : {};
    return this.#put({ ...sheet, ...approval, status, revision: sheet.revision + 1 });
  }
  remove(id: string): void {
    this.get(id);
    this.#write({ removed: id });
  }
  /** Takes what another system exported, unchecked. Equal ones stay as they are, with `keep` all that exist. @returns how many changed. */
  import(sheets: readonly ImportedTimesheet[], keep = false): number {
    let changed = 0;
    for (const sheet of sheets) {
      const old = this.#byId.get(sheet.id);
      if (old) {
        const { revision, changedAt: _changedAt, seq: _seq, ...content } = old;
        if (keep || sameContent(content, sheet)) continue;
        this.#put({ ...sheet, revision: revision + 1 });
      } else this.#put({ ...sheet, revision: 1 });
      changed += 1;
    }
    return changed;
  }
  changes(after: number, limit: number): { entries: Timesheet[]; last: number; hasMore: boolean } {
    if (after > this.lastSeq) throw new VendorError(410, 'CURSOR_GONE', `the feed ends at ${this.lastSeq}`);
    const entries: Timesheet[] = [];
    let seq = after;
    while (seq < this.lastSeq && entries.length < limit) {
      seq += 1;
      const id = this.#feed[seq];
      if (id !== undefined) entries.push(this.#byId.get(id)!);
    }
    return { entries, last: seq, hasMore: seq < this.lastSeq };
  }
  /** By work date and id; `after` is "date|id". */
  window(from: string, to: string, after: string, limit: number): { sheets: Timesheet[]; next: string | null; total: number } {
    const dates = [...this.#byDate.keys()].filter((date) => date >= from && date <= to).sort();
    const total = dates.reduce((sum, date) => sum + this.#byDate.get(date)!.size, 0);
    const [afterDate = '', afterId = ''] = after.split('|');
    const sheets: Timesheet[] = [];
    for (const date of dates) {
      if (date < afterDate) continue;
      for (const id of [...this.#byDate.get(date)!].sort()) {
        if (date === afterDate && id <= afterId) continue;
        const last = sheets.at(-1);
        if (sheets.length === limit && last) return { sheets, next: `${last.date ?? ''}|${last.id}`, total };
        sheets.push(this.#byId.get(id)!);
      }
    }
    return { sheets, next: null, total };
  }
  #put(sheet: Omit<Timesheet, 'changedAt' | 'seq'>): Timesheet {
    const put = { ...sheet, changedAt: new Date().toISOString(), seq: this.lastSeq + 1 };
    this.#write({ put });
    return put;
  }
  #write(record: TimesheetRecord): void {
    this.#log.append(record);
    this.#apply(record);
  }
  #apply(record: TimesheetRecord): void {
    const id = 'put' in record ? record.put.id : record.removed;
    const old = this.#byId.get(id);
    if (old) {
      this.#feed[old.seq] = undefined;
      this.#byDate.get(old.date ?? '')?.delete(id);
    }
    if (!('put' in record)) {
      this.#byId.delete(id);
      return;
    }
    const { put } = record;
    this.#byId.set(id, put);
    // Places between are numbers that deleted timesheets once held.
    this.#feed[put.seq] = id;
    const date = put.date ?? '';
    this.#byDate.set(date, (this.#byDate.get(date) ?? new Set()).add(id));
    const number = /^TS-(\d+)$/.exec(id)?.[1];
    if (number !== undefined) this.#lastId = Math.max(this.#lastId, Number(number));
  }
}

const sameContent = (a: object, b: object): boolean => {
  const text = (value: object): string => JSON.stringify(Object.entries(value).sort(([x], [y]) => (x < y ? -1 : 1)));
  return text(a) === text(b);
};

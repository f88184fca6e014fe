import { VendorError } from '../kit/system.js';
import type { Dimension, ErpLine, ErpPeriod, LineProblem, NewJournal } from './erp-words.js';

const DECIMAL = /^-?\d{1,15}(\.\d{1,6})?$/;
export const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** Companies, periods and dimensions of the ERP, and the rules that a journal must keep because of them. */
export class MasterLists {
  readonly companies = new Map<string, { code: string; currency: string }>();
  readonly periods = new Map<string, ErpPeriod>();
  /** A dimension with no codes loaded is not checked. */
  readonly dimensions: Readonly<Record<Dimension, Set<string>>> = {
    accounts: new Set(),
    employees: new Set(),
    projects: new Set(),
  };
  /** Whether a project was made here, beside the codes that were loaded. */
  madeHere: (project: string) => boolean = () => false;

  /** @throws VendorError 400, or 422 naming company, currency, period or date. */
  checkHead(journal: NewJournal): void {
    checkShape(journal);
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
  }
  /** `refusedCodes`: codes that exist and are not wanted just now. */
  lineProblems(lines: readonly ErpLine[], refusedCodes: readonly string[]): readonly LineProblem[] {
    const refused = new Set(refusedCodes);
    return lines.flatMap((line) => this.#problems(line, refused));
  }
  #problems(line: ErpLine, refused: ReadonlySet<string>): LineProblem[] {
    const problems: LineProblem[] = [];
    const add = (field: keyof ErpLine, message: string): void => void problems.push({ lineRef: line.lineRef, field, message });
    const known = (dimension: Dimension, field: 'account' | 'offsetAccount' | 'employee' | 'project'): void => {
      const [codes, code] = [this.dimensions[dimension], line[field]];
      const there = codes.size === 0 || codes.has(code ?? '') || (dimension === 'projects' && this.madeHere(code ?? ''));
      if (code === undefined || code === '' || !there) add(field, `${field} ${code ?? ''} does not exist`);
    };
    known('accounts', 'account');
    known('accounts', 'offsetAccount');
    known('employees', 'employee');
    known('projects', 'project');
    for (const field of ['quantity', 'value'] as const)
      if (!DECIMAL.test(String(line[field]))) add(field, `${field} is not a decimal text`);
    if (!DATE.test(line.serviceDate)) add('serviceDate', 'serviceDate is not a date');
    if (refused.size > 0)
      for (const field of ['employee', 'project', 'task', 'lineRef'] as const)
        if (refused.has(line[field] ?? '')) add(field, `${field} ${line[field]} is blocked for booking`);
    return problems;
  }
}

/** @throws VendorError 400 for what is no journal at all. */
export const checkShape = (journal: NewJournal): void => {
  if (typeof journal?.reference !== 'string' || !Array.isArray(journal.lines) || journal.lines.length === 0)
    throw new VendorError(400, 'JOURNAL_INVALID', 'a journal needs a reference and at least one line');
};

import type { Cursor, MasterDataSource, MasterPage, SourceMasterRecord } from '@tieout/connector-kit';
import { Fault, type MasterKind } from '@tieout/model';
import type { TrytonClient } from './client/tryton-client.js';
import type { TrytonConfig } from './config.js';
import { TRYTON_KINDS } from './manifest.js';
import {
  toCostCentre,
  toCostRate,
  toLegalEntity,
  toPeriod,
  toProject,
  toWorker,
  type AnalyticAccountRow,
  type CompanyRow,
  type CostPriceRow,
  type EmployeeRow,
  type PeriodRow,
  type WorkRow,
} from './mapping.js';

interface Row {
  readonly id: number;
}
type Mapped = SourceMasterRecord | undefined;

/** Everything of the one company that the user works for, by id, so that a page never shifts. */
export class TrytonMasterDataSource implements MasterDataSource {
  readonly kinds = TRYTON_KINDS;
  constructor(
    private readonly client: TrytonClient,
    private readonly config: TrytonConfig,
  ) {}

  async verifyAccess(): Promise<void> {
    await this.client.company();
  }

  async fetchPage(kind: MasterKind, cursor: Cursor | null): Promise<MasterPage> {
    const after = typeof cursor?.['after'] === 'number' ? cursor['after'] : 0;
    const { legalEntity } = this.config;
    const company = await this.client.company();
    switch (kind) {
      case 'worker':
        return this.#page(
          kind,
          after,
          await this.#employees(company, after),
          (row) => toWorker(row, legalEntity),
          'its party has no code',
        );
      case 'cost-rate':
        return this.#costRates(company, after);
      case 'project': {
        const fields = ['name', 'timesheet_start_date', 'timesheet_end_date', 'status.progress', 'write_date', 'create_date'];
        const rows = await this.#rows<WorkRow>(
          'project.work',
          [
            ['company', '=', company],
            ['type', '=', 'project'],
          ],
          after,
          fields,
        );
        return this.#page(kind, after, rows, (row) => toProject(row, legalEntity), 'its name is empty');
      }
      case 'cost-centre': {
        const rows = await this.#rows<AnalyticAccountRow>(
          'analytic_account.account',
          [
            ['company', '=', company],
            ['type', '=', 'normal'],
          ],
          after,
          ['code', 'name'],
        );
        return this.#page(kind, after, rows, (row) => toCostCentre(row, legalEntity), 'the analytic account has no code');
      }
      case 'accounting-period': {
        const domain = [
          ['company', '=', company],
          ['type', '=', 'standard'],
        ];
        const rows = await this.#rows<PeriodRow>('account.period', domain, after, ['name', 'start_date', 'end_date', 'state']);
        return this.#page(kind, after, rows, (row) => toPeriod(row, legalEntity), '');
      }
      case 'legal-entity': {
        const rows = await this.#rows<CompanyRow>('company.company', [['id', '=', company]], after, [
          'party.name',
          'currency.code',
          'timezone',
        ]);
        return this.#page(kind, after, rows, (row) => toLegalEntity(row, legalEntity), '');
      }
      default:
        throw new Fault('ContractBroken', `this connector reads no ${kind} from Tryton`);
    }
  }

  #rows<T extends Row>(
    model: string,
    domain: readonly unknown[],
    after: number,
    fields: readonly string[],
  ): Promise<readonly T[]> {
    return this.client.searchRead<T>(model, [...domain, ['id', '>', after]], fields, { limit: this.config.pageSize });
  }

  #employees(company: number, after: number): Promise<readonly EmployeeRow[]> {
    return this.#rows<EmployeeRow>('company.employee', [['company', '=', company]], after, [
      'party.code',
      'start_date',
      'end_date',
    ]);
  }

  /** Cost prices are a history per employee: pages are pages of employees. */
  async #costRates(company: number, after: number): Promise<MasterPage> {
    const employees = await this.#employees(company, after);
    const ids = employees.map((employee) => employee.id);
    const prices =
      ids.length === 0
        ? []
        : await this.client.searchRead<CostPriceRow>(
            'company.employee_cost_price',
            [['employee', 'in', ids]],
            ['employee', 'date', 'cost_price'],
          );
    const [entity] = await this.client.searchRead<CompanyRow>('company.company', [['id', '=', company]], ['currency.code']);
    if (!entity) throw new Fault('ContractBroken', 'the company of the user cannot be read');
    const records = employees.flatMap((employee) => {
      const own = prices.filter((price) => price.employee === employee.id);
      return toCostRate(employee, own, entity['currency.'].code) ?? [];
    });
    return { records, malformed: [], ...this.#step(after, employees) };
  }

  #page<T extends Row>(kind: MasterKind, after: number, rows: readonly T[], map: (row: T) => Mapped, why: string): MasterPage {
    const records: SourceMasterRecord[] = [];
    const malformed: MasterPage['malformed'][number][] = [];
    for (const row of rows) {
      const mapped = map(row);
      if (mapped) records.push(mapped);
      else malformed.push({ kind, externalId: String(row.id), why: `${why}: without it nothing can refer to the object` });
    }
    return { records, malformed, ...this.#step(after, rows) };
  }

  #step(after: number, rows: readonly Row[]): { next: Cursor; more: boolean } {
    return { next: { after: rows.at(-1)?.id ?? after }, more: rows.length === this.config.pageSize };
  }
}

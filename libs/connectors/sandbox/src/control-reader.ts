import type { ControlReader, DestinationEvidence, SourceEvidence } from '@tieout/connector-kit';
import { Fault, isCalendarDate, isDecimalString, toInstant } from '@tieout/model';
import type { SandboxClient } from './client/sandbox-client.js';
import { dateAt, decimalAt, objectsAt, optionalText, textAt, type JsonObject } from './client/shape.js';

/** Reads all pages of a list whose answer names the next position. */
const readWhole = async (client: SandboxClient, path: string, query: Readonly<Record<string, string>>): Promise<JsonObject[]> => {
  const items: JsonObject[] = [];
  let after: string | undefined;
  do {
    const body = await client.readPresent(path, { ...query, after });
    items.push(...objectsAt(body, 'items', path));
    const next = optionalText(body, 'next');
    if (next !== undefined && next === after) throw new Fault('ContractBroken', `${path}: the next page is the same page`);
    after = next;
  } while (after !== undefined);
  return items;
};

/** Journal lines as they stand, read line by line and not through documents. */
export class ErpControlReader implements ControlReader {
  constructor(
    private readonly client: SandboxClient,
    private readonly pageSize: number,
  ) {}

  async readDestination(window: { readonly from: string; readonly to: string }): Promise<readonly DestinationEvidence[]> {
    const lines = await readWhole(this.client, '/journal-lines', { ...window, limit: String(this.pageSize) });
    const evidence = lines.map((line, index) => {
      const where = `journal line ${optionalText(line, 'journalNo') ?? '?'} (${index})`;
      return {
        reference: optionalText(line, 'lineRef'),
        documentReference: optionalText(line, 'reference'),
        externalId: textAt(line, 'journalNo', where),
        workerCode: optionalText(line, 'employee'),
        projectCode: optionalText(line, 'project'),
        hours: decimalAt(line, 'quantity', where),
        amount: decimalAt(line, 'value', where),
        currency: textAt(line, 'currency', where),
        legalEntityId: textAt(line, 'company', where),
        postingPeriod: textAt(line, 'period', where),
        postingDate: dateAt(line, 'journalDate', where),
      };
    });
    // The ERP has been seen to ignore its filters.
    return evidence.filter(({ postingDate }) => postingDate >= window.from && postingDate <= window.to);
  }
}

/** Time as the PSA says now, from its report by work date: not from the change feed that the time source follows. */
export class PsaControlReader implements ControlReader {
  constructor(
    private readonly client: SandboxClient,
    private readonly pageSize: number,
  ) {}

  async readSource(window: { readonly from: string; readonly to: string }): Promise<readonly SourceEvidence[]> {
    const rows = await readWhole(this.client, '/v2/reports/hours', { ...window, limit: String(this.pageSize) });
    return rows.flatMap((row) => {
      const [workDate, hours] = [row['date'], row['hours']];
      // A row that cannot be read is a case of its own and was never posted; were it posted before, its line now stands unexplained.
      if (!isCalendarDate(workDate) || !isDecimalString(hours)) return [];
      const updatedAt = toInstant(optionalText(row, 'changedAt') ?? '');
      return [{ sourceId: textAt(row, 'id', 'report row'), workDate, hours, approved: row['approved'] === true, updatedAt }];
    });
  }
}

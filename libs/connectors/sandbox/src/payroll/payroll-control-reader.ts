import type { ControlReader, DestinationEvidence } from '@tieout/connector-kit';
import { Fault } from '@tieout/model';
import type { SandboxClient } from '../client/sandbox-client.js';
import { dateAt, decimalAt, objectsAt, optionalText, textAt, type JsonObject } from '../client/shape.js';

/** What the bureau will pay for, line by line, read without the mapping that sent it. */
export class PayrollControlReader implements ControlReader {
  constructor(
    private readonly client: SandboxClient,
    private readonly pageSize: number,
  ) {}

  async readDestination(window: { readonly from: string; readonly to: string }): Promise<readonly DestinationEvidence[]> {
    const evidence: DestinationEvidence[] = [];
    let after: string | undefined;
    do {
      const body = await this.client.readPresent('/batches', { ...window, after, limit: String(this.pageSize) });
      for (const batch of objectsAt(body, 'items', 'batches'))
        if (batch['status'] === 'acknowledged') evidence.push(...evidenceOf(batch));
      const next = optionalText(body, 'next');
      if (next !== undefined && next === after) throw new Fault('ContractBroken', '/batches: the next page is the same page');
      after = next;
    } while (after !== undefined);
    return evidence;
  }
}

const evidenceOf = (batch: JsonObject): DestinationEvidence[] => {
  const ticket = textAt(batch, 'ticket', 'batch');
  const where = `batch ${ticket}`;
  return objectsAt(batch, 'lines', where).map((line) => ({
    reference: optionalText(line, 'lineRef'),
    documentReference: optionalText(batch, 'reference'),
    externalId: ticket,
    workerCode: optionalText(line, 'employee'),
    projectCode: optionalText(line, 'project'),
    hours: decimalAt(line, 'hours', where),
    amount: optionalText(line, 'value') ?? '0',
    currency: textAt(batch, 'currency', where),
    legalEntityId: optionalText(batch, 'company'),
    postingPeriod: `${textAt(batch, 'payGroup', where)}/${textAt(batch, 'payPeriod', where)}`,
    postingDate: dateAt(batch, 'bookingDate', where),
  }));
};

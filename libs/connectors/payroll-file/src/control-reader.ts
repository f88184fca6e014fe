import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ControlReader, DestinationEvidence } from '@tieout/connector-kit';
import { Fault, isCalendarDate, isDecimalString } from '@tieout/model';
import { parse } from 'csv-parse/sync';
import type { Acknowledgement } from './config.js';

/** Reads the files on its own, cell by cell: a slip in what wrote them cannot hide itself here. */
export class PayrollFileControlReader implements ControlReader {
  constructor(
    private readonly folder: string,
    private readonly acknowledgement: Acknowledgement,
  ) {}

  async readDestination(window: { readonly from: string; readonly to: string }): Promise<readonly DestinationEvidence[]> {
    const evidence: DestinationEvidence[] = [];
    for (const name of await this.#bookedFiles()) evidence.push(...(await this.#linesOf(name)));
    return evidence.filter(({ postingDate }) => postingDate >= window.from && postingDate <= window.to);
  }

  async #bookedFiles(): Promise<string[]> {
    const names = await readdir(this.folder).catch((cause: unknown) => {
      throw new Fault('Unavailable', `folder ${this.folder} cannot be read`, { cause });
    });
    const there = new Set(names);
    return names.filter((name) => {
      if (!name.endsWith('.csv') || name.startsWith('.')) return false;
      const stem = name.slice(0, -4);
      return !there.has(`${stem}.rej`) && (this.acknowledgement === 'none' || there.has(`${stem}.ack`));
    });
  }

  async #linesOf(name: string): Promise<DestinationEvidence[]> {
    let rows: string[][];
    try {
      rows = parse(await readFile(join(this.folder, name), 'utf8'), { relax_column_count: true });
    } catch (cause) {
      throw new Fault('Unavailable', `${name} cannot be read`, { cause });
    }
    const [, , document, legalEntityId, group, period, postingDate, currency] = rows[0] ?? [];
    if (!isCalendarDate(postingDate) || currency === undefined)
      throw new Fault('ContractBroken', `${name}: expected a header with posting date and currency`);
    return rows
      .filter(([mark]) => mark === 'D')
      .map(([, lineNo, reference, workerCode, , hours, , projectCode, , , amount]) => {
        if (!isDecimalString(hours) || !isDecimalString(amount))
          throw new Fault('ContractBroken', `${name}, line ${lineNo ?? '?'}: expected hours and amount`);
        return {
          reference,
          documentReference: document,
          externalId: name,
          workerCode,
          projectCode,
          hours,
          amount,
          currency,
          legalEntityId,
          postingPeriod: `${group ?? ''}/${period ?? ''}`,
          postingDate,
        };
      });
  }
}

import { masterKey, attributesOn, type WorkDate } from '@tieout/model';
import type { MasterReadModel, Tx } from '@tieout/persistence';
import type { CompiledPolicy } from '@tieout/policy';
import { hoursOf, lastAcknowledged, totalsOf } from '../adapters/postgres/pay-run.reads.js';
import type { PayRunRow } from '../adapters/postgres/pay-run.table.js';
import { previewOf, type PayRunPreview } from '../domain/preview.js';

/** What payroll sees and signs. In one transaction with the signature, or on its own. */
export class PreviewPayRun {
  constructor(
    private readonly parts: {
      readonly master: Pick<MasterReadModel, 'byCodes'>;
      readonly policy: { current(): Pick<CompiledPolicy, 'payroll'> };
    },
  ) {}

  async of(tx: Tx, run: PayRunRow): Promise<PayRunPreview & { readonly comparedWith: string | undefined }> {
    const last = await lastAcknowledged(tx, run);
    const [now, before] = [await hoursOf(tx, run), last && (await hoursOf(tx, last))];
    const codes = [...new Set([...now, ...(before ?? [])].map(({ workerCode }) => workerCode))];
    const preview = previewOf({
      runId: run.id,
      endDate: run.endDate,
      totals: await totalsOf(tx, run),
      now,
      last: before,
      activeTo: await this.#lastDays(tx, codes, run.endDate),
      rules: this.parts.policy.current().payroll.alerts,
    });
    return { ...preview, comparedWith: last?.payPeriod };
  }

  async #lastDays(tx: Tx, codes: readonly string[], on: WorkDate): Promise<ReadonlyMap<string, WorkDate>> {
    const workers = await this.parts.master.byCodes(
      tx,
      codes.map((code) => ({ kind: 'worker' as const, code })),
    );
    return new Map(
      codes.flatMap((code) => {
        const worker = workers.get(masterKey('worker', code));
        const activeTo = worker && attributesOn({ kind: 'worker', timeline: worker.timeline }, on)?.activeTo;
        return activeTo === undefined ? [] : [[code, activeTo] as const];
      }),
    );
  }
}

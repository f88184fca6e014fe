import type { Clock } from '@tieout/clock';
import { CHANNELS } from '@tieout/delivery';
import { appendAudit, notify, type Database, type Tx } from '@tieout/persistence';
import type { CompiledPolicy } from '@tieout/policy';
import type { PayRunStore } from '../adapters/postgres/pay-run.store.js';
import type { PayRunRow } from '../adapters/postgres/pay-run.table.js';
import type { PayRunPreview, RunTotals } from '../domain/preview.js';
import { stepRun, type RunState } from '../domain/run-states.js';
import type { FollowPayRuns } from './follow-pay-runs.js';
import type { PreviewPayRun } from './preview-pay-run.js';

export type SignAnswer =
  | { readonly kind: 'signed'; readonly documents: number; readonly totals: RunTotals }
  | { readonly kind: 'no-such-run' }
  | { readonly kind: 'not-signable'; readonly state: RunState; readonly cutOff: string }
  | { readonly kind: 'changed'; readonly hash: string };

interface Parts {
  readonly database: Pick<Database, 'transaction'>;
  readonly runs: PayRunStore;
  readonly follow: FollowPayRuns;
  readonly preview: PreviewPayRun;
  readonly clock: Clock;
  readonly policy: { current(): Pick<CompiledPolicy, 'digest'> };
}

/** Payroll answers for what it saw: only the very preview that was looked at can be signed, and then the run leaves. */
export class SignPayRun {
  constructor(private readonly parts: Parts) {}

  async sign(id: string, hash: string, actor: string): Promise<SignAnswer> {
    const { database, runs, follow, preview } = this.parts;
    return database.transaction(async (tx) => {
      const locked = await runs.lock(tx, id);
      if (locked === undefined) return { kind: 'no-such-run' };
      const [run] = (await follow.advance(tx, [locked])) as [PayRunRow];
      if (stepRun(run.state, 'sign') === undefined) return { kind: 'not-signable', state: run.state, cutOff: run.cutOff };
      // Before the figures are read: a correction that dissolves a document must not come in between.
      const held = await runs.lockHeld(tx, run);
      const seen = await preview.of(tx, run);
      if (seen.hash !== hash) return { kind: 'changed', hash: seen.hash };
      await this.#sign(tx, run, held, seen, actor);
      return { kind: 'signed', documents: held.length, totals: seen.totals };
    });
  }

  async #sign(tx: Tx, run: PayRunRow, held: readonly string[], seen: PayRunPreview, actor: string): Promise<void> {
    const { runs, clock, policy } = this.parts;
    const now = clock.now();
    await runs.release(tx, held);
    await runs.sign(tx, run.id, { by: actor, hash: seen.hash, totals: seen.totals, now });
    await appendAudit(
      tx,
      [
        {
          actor,
          action: 'pay-run.signed',
          subjectKind: 'pay-run',
          subjectId: run.id,
          legalEntityId: run.legalEntityId,
          before: { state: run.state },
          after: { state: 'signed', hash: seen.hash, totals: seen.totals, alerts: seen.alerts, documents: held },
          policyDigest: policy.current().digest,
        },
      ],
      now,
    );
    await notify(tx, CHANNELS.send);
  }
}

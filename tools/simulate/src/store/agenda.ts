import { isExpired, isClaimable } from './documents.js';
import { isFreezable } from './postings.js';
import type { StoredDocument, Tables } from './tables.js';

export interface Agenda {
  /** Names of the loops that would find something to do now. */
  readonly due: ReadonlySet<string>;
  /** When time alone brings something new. */
  readonly nextMs: number;
}

/**
 * Which steps have something to do. The real loops ask every few hundred milliseconds; here a question whose answer is known to be
 * "nothing" is left out, which is what makes a simulated minute cheap.
 */
export const agendaOf = (tables: Tables): Agenda => {
  const now = tables.nowMs();
  const due = new Set<string>();
  let nextMs = Infinity;
  const at = (timeMs: number, loop: string): void => {
    if (timeMs <= now) due.add(loop);
    else if (timeMs < nextMs) nextMs = timeMs;
  };
  for (const target of tables.targets.all()) if (target.planning === 'dirty') due.add('plan');
  for (const posting of tables.postings.all()) if (isFreezable(posting)) at(posting.notBeforeMs, `freeze ${posting.destination}`);
  for (const document of tables.documents.all()) {
    const [loop, timeMs] = appointmentOf(document, now);
    if (loop === undefined) continue;
    at(timeMs, `${loop} ${document.destination}`);
  }
  return { due, nextMs };
};

const appointmentOf = (row: StoredDocument, nowMs: number): readonly ['send' | 'resolve' | 'confirm' | undefined, number] => {
  switch (row.state) {
    case 'frozen':
      return row.held ? [undefined, 0] : ['send', isClaimable(row, nowMs) ? 0 : row.nextAttemptAtMs!];
    case 'sending':
      // A lease that ends now has not ended yet.
      return ['resolve', isExpired(row, nowMs) ? 0 : (row.leaseUntilMs ?? 0) + 1];
    case 'unknown':
    case 'queued':
      return ['resolve', row.nextAttemptAtMs ?? Infinity];
    case 'posted':
      return ['confirm', row.nextAttemptAtMs ?? Infinity];
    default:
      return row.discardDraft ? ['resolve', 0] : [undefined, 0];
  }
};

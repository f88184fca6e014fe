import { Problem } from '@tieout/service-kit';
import type { SignAnswer } from '../../use-cases/sign-pay-run.js';
import type { PayRunRow } from '../postgres/pay-run.table.js';

export const noSuchRun = (id: string): Problem =>
  new Problem(404, 'pay-run-not-found', 'No such pay run', `No pay run has the id ${id}.`, 'Look for it with GET /pay-runs.');

/** A run without what is not there yet. */
export const describeRun = (run: PayRunRow): Partial<PayRunRow> =>
  Object.fromEntries(Object.entries(run).filter(([, value]) => value !== null));

const WHY_NOT: Readonly<Record<string, string>> = {
  collecting: 'It still collects time: its cut-off is not over.',
  signed: 'It is signed already.',
  sent: 'It was signed and sent.',
  acknowledged: 'Payroll has acknowledged it.',
};

/** @throws Problem for every answer but a signature. */
export const describeSignature = (id: string, answer: SignAnswer): { readonly documents: number; readonly totals: unknown } => {
  if (answer.kind === 'signed') return { documents: answer.documents, totals: answer.totals };
  if (answer.kind === 'no-such-run') throw noSuchRun(id);
  if (answer.kind === 'changed')
    throw new Problem(
      409,
      'preview-changed',
      'The preview changed meanwhile',
      `The hash does not match what would be paid now (${answer.hash}); nothing was signed and nothing is sent.`,
      `Read GET /pay-runs/${id} again, look at what changed, and sign with the hash that it shows.`,
    );
  throw new Problem(
    409,
    'pay-run-not-signable',
    'This run cannot be signed',
    WHY_NOT[answer.state] ?? `It is ${answer.state}.`,
    answer.state === 'collecting'
      ? `Sign it after its cut-off, ${answer.cutOff}.`
      : 'What changes now goes into the next run as an adjustment; nothing is to be done.',
  );
};

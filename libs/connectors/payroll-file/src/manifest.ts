import type { ConnectorManifest } from '@tieout/connector-kit';

export const PAYROLL_FILE_MANIFEST: ConnectorManifest = {
  system: 'payroll-file',
  title: 'Payroll files',
  posting: {
    // Name and content of a file follow from the document: writing it again changes nothing.
    protocol: 'idempotency-key',
    maxLinesPerDocument: 20_000,
    partialAcceptance: false,
    requestTimeoutMs: 10_000,
    settleMs: 1_000,
    readLagMs: 0,
    // A disk gains nothing from more, and the bureau gets its files in order.
    maxConcurrency: 1,
    answersLater: true,
    maxReadBack: 20,
  },
  limits: 'files of at most 20,000 lines; an answer file is read once it has not changed for 2 s (setting answerSettleMs)',
};

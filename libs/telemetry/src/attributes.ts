/** Span attributes, declared here and nowhere else. Pseudonymous keys only: never a name, never an e-mail address. */
export const ATTR = {
  entryId: 'tieout.entry_id',
  workerKey: 'tieout.worker_key',
  project: 'tieout.project',
  legalEntity: 'tieout.legal_entity',
  payPeriod: 'tieout.pay_period',
  destination: 'tieout.destination',
  document: 'tieout.document',
  connection: 'tieout.connection',
  releaseNo: 'tieout.release_no',
  postingKey: 'tieout.posting_key',
} as const;

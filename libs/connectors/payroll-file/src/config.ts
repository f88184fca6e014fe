import { ConfigProblem, SettingsReader, type ConnectionSettings } from '@tieout/connector-kit';

export const ACKNOWLEDGEMENTS = ['required', 'none'] as const;
export type Acknowledgement = (typeof ACKNOWLEDGEMENTS)[number];

export interface PayrollFileConfig {
  /** Where files are put and the bureau's answers are looked for. */
  readonly folder: string;
  /** `none`: a file that stands in the folder counts as booked. */
  readonly acknowledgement: Acknowledgement;
  /** An answer file that changed later than this is still being written. */
  readonly answerSettleMs: number;
  /** Files per page when the ledger is read. */
  readonly pageSize: number;
}

const isAcknowledgement = (value: string): value is Acknowledgement => (ACKNOWLEDGEMENTS as readonly string[]).includes(value);

export const parsePayrollFileConfig = (settings: ConnectionSettings): PayrollFileConfig => {
  const read = new SettingsReader(settings);
  const config = {
    folder: read.text('folder'),
    answerSettleMs: read.integer('answerSettleMs', 2_000, { min: 0, max: 600_000 }),
    pageSize: read.integer('pageSize', 20, { min: 1, max: 500 }),
  };
  read.done();
  const acknowledgement = settings.values['acknowledgement'] ?? 'required';
  if (!isAcknowledgement(acknowledgement)) {
    const shown = settings.secrets.has('acknowledgement') ? '(a secret)' : JSON.stringify(acknowledgement);
    throw new ConfigProblem([`setting "acknowledgement" is ${shown}: expected required or none`]);
  }
  return { ...config, acknowledgement };
};

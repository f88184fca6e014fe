/** Where money or time stands still: names the team that a case goes to unless policy says otherwise. */
export type DefaultOwner =
  'finance-operations' | 'payroll-operations' | 'project-operations' | 'hr-operations' | 'integration-platform';
export type Impact = 'billing' | 'payroll' | 'cost' | 'control' | 'operations';

export interface ReasonCodeInfo {
  readonly title: string;
  readonly explanation: string;
  readonly defaultOwner: DefaultOwner;
  readonly impact: Impact;
  readonly suggestedAction: string;
}

const reason = (
  title: string,
  defaultOwner: DefaultOwner,
  impact: Impact,
  explanation: string,
  suggestedAction: string,
): ReasonCodeInfo => ({
  title,
  explanation,
  defaultOwner,
  impact,
  suggestedAction,
});

/** The stable catalogue. A code is never renamed or reused; add at the end of its group. */
export const REASON_CODES = {
  UNKNOWN_WORKER: reason(
    'Unknown worker',
    'hr-operations',
    'payroll',
    'The person who recorded the time is not known to the system of record for workers.',
    'Create the worker there or correct the worker number; the time then posts by itself.',
  ),
  INACTIVE_WORKER: reason(
    'Worker not active on the work date',
    'hr-operations',
    'payroll',
    'The work date lies outside the worker’s employment.',
    'Correct the employment dates or the work date.',
  ),
  UNKNOWN_PROJECT: reason(
    'Unknown project',
    'project-operations',
    'billing',
    'No project with this code is known to the system of record.',
    'Create the project or correct the code on the time entry.',
  ),
  INACTIVE_PROJECT: reason(
    'Project not active',
    'project-operations',
    'billing',
    'The project was not open for time on the work date, and the grace days of the region have passed.',
    'Reopen the project or move the time to an open one.',
  ),
  UNKNOWN_TASK: reason(
    'Unknown task',
    'project-operations',
    'billing',
    'The project has no task with this code.',
    'Create the task or correct the entry.',
  ),
  CLOSED_TASK: reason(
    'Task closed',
    'project-operations',
    'billing',
    'The task was closed on the work date.',
    'Reopen the task or move the time.',
  ),
  NOT_ASSIGNED: reason(
    'Worker not assigned',
    'project-operations',
    'billing',
    'The project takes time only from assigned workers, and this worker was not assigned on the work date.',
    'Assign the worker or move the time.',
  ),
  APPROVER_NOT_AUTHORISED: reason(
    'Approver not authorised',
    'project-operations',
    'control',
    'Policy does not let this person approve this time.',
    'Have somebody approve it who may.',
  ),
  AMBIGUOUS_IDENTITY: reason(
    'Ambiguous identity',
    'hr-operations',
    'payroll',
    'More than one record matches the same key.',
    'Decide which record is meant, and close or merge the other.',
  ),
  UNKNOWN_COST_CENTRE: reason(
    'Unknown cost centre',
    'finance-operations',
    'cost',
    'The cost centre is not known to the system of record.',
    'Create the cost centre or correct the worker’s assignment.',
  ),
  INTERCOMPANY_NOT_ALLOWED: reason(
    'Intercompany time not allowed',
    'finance-operations',
    'cost',
    'Worker and project belong to different legal entities, and policy holds such time.',
    'Agree the intercompany booking or move the time.',
  ),
  MISSING_COST_RATE: reason(
    'No cost rate',
    'finance-operations',
    'cost',
    'No cost rate is effective for the worker on the work date.',
    'Enter a cost rate that covers the date.',
  ),
  MISSING_EXCHANGE_RATE: reason(
    'No exchange rate',
    'finance-operations',
    'cost',
    'No exchange rate is effective for the currencies and date. A missing rate is never taken as 1.',
    'Enter the exchange rate.',
  ),
  OWNERSHIP_VIOLATION: reason(
    'Write by a system that does not own the attribute',
    'integration-platform',
    'control',
    'A system other than the system of record sent a value for an attribute.',
    'Change the value in its system of record.',
  ),
  MASTER_DATA_DRIFT: reason(
    'Master data differs between systems',
    'integration-platform',
    'control',
    'Two systems hold different values of one attribute.',
    'Align the copy with the system of record.',
  ),
  HOURS_OUT_OF_RANGE: reason(
    'Hours out of range',
    'project-operations',
    'payroll',
    'The hours of the entry lie outside what policy allows for one entry.',
    'Correct the hours.',
  ),
  DAILY_LIMIT_EXCEEDED: reason(
    'Daily limit exceeded',
    'project-operations',
    'payroll',
    'The worker’s approved hours of the day exceed the limit that policy sets.',
    'Correct the hours of that day.',
  ),
  OVERLAP: reason(
    'Overlapping time',
    'project-operations',
    'payroll',
    'Start and end overlap another approved entry of the same worker.',
    'Correct one of the two entries.',
  ),
  FUTURE_WORK_DATE: reason(
    'Work date in the future',
    'project-operations',
    'payroll',
    'The work date has not begun yet in the worker’s time zone.',
    'Correct the date, or wait: it posts by itself when the date comes.',
  ),
  SELF_APPROVED: reason(
    'Approved by the worker',
    'project-operations',
    'control',
    'Policy bars people from approving their own time.',
    'Have somebody else approve it.',
  ),
  UNMAPPED_ACTIVITY: reason(
    'Activity without a mapping',
    'integration-platform',
    'billing',
    'The mapping has no pay code for this activity.',
    'Add the activity to the mapping.',
  ),
  MALFORMED_RECORD: reason(
    'Malformed record',
    'integration-platform',
    'operations',
    'The source sent a record that cannot be read.',
    'Correct the record at the source; the message says which field and why.',
  ),
  PERIOD_CLOSED: reason(
    'Accounting period closed',
    'finance-operations',
    'billing',
    'The accounting period of the work date is closed, and policy holds such time.',
    'Reopen the period, or change the policy for late time.',
  ),
  NO_OPEN_PERIOD: reason(
    'No open accounting period',
    'finance-operations',
    'billing',
    'No accounting period is open into which policy lets this be posted.',
    'Open a period in the ERP.',
  ),
  NO_ROUTE: reason(
    'No route',
    'integration-platform',
    'cost',
    'Policy names no destination for the legal entity.',
    'Add a route to the policy bundle.',
  ),
  DESTINATION_REJECTED: reason(
    'Rejected by the destination',
    'finance-operations',
    'cost',
    'The destination refused the line.',
    'Read its message, correct the cause, then retry.',
  ),
  OUTCOME_UNKNOWN: reason(
    'Outcome unknown',
    'integration-platform',
    'cost',
    'It could not be established whether the destination booked the document.',
    'Look the document up in the destination by its reference.',
  ),
  CONNECTION_UNAVAILABLE: reason(
    'System unavailable',
    'integration-platform',
    'operations',
    'An external system does not answer.',
    'Nothing is lost; work goes on when it is back.',
  ),
  CREDENTIALS_REJECTED: reason(
    'Credentials rejected',
    'integration-platform',
    'operations',
    'An external system refuses our credentials.',
    'Renew the secret that the connection names.',
  ),
  CONTRACT_BROKEN: reason(
    'Unexpected answer',
    'integration-platform',
    'operations',
    'A system answered, or a message arrived, in a shape that the contract does not allow.',
    'Compare the message with the contract; the text says where they differ.',
  ),
  CUTOFF_MISSED: reason(
    'Cut-off missed',
    'payroll-operations',
    'payroll',
    'The time was ready only after the pay cut-off.',
    'It goes into the next pay run.',
  ),
  MISSING_IN_DESTINATION: reason(
    'Missing in the destination',
    'finance-operations',
    'control',
    'Approved time has no line in the destination, and nothing explains why.',
    'Check the posting of the entry.',
  ),
  UNEXPECTED_IN_DESTINATION: reason(
    'Unexpected in the destination',
    'finance-operations',
    'control',
    'The destination has a line that no approved time stands behind.',
    'Find who booked it; reverse it if it is wrong.',
  ),
  DUPLICATE_IN_DESTINATION: reason(
    'Duplicate in the destination',
    'finance-operations',
    'control',
    'The destination holds more than one effective line for one entry.',
    'Reverse the surplus line.',
  ),
  HOURS_DIFFER: reason(
    'Hours differ',
    'finance-operations',
    'control',
    'Source and destination disagree on the hours.',
    'Compare the entry with its line.',
  ),
  AMOUNT_DIFFERS: reason(
    'Amount differs',
    'finance-operations',
    'control',
    'Released and booked amounts disagree.',
    'Compare the release with its line.',
  ),
  WRONG_PERIOD: reason(
    'Wrong period',
    'finance-operations',
    'control',
    'The line stands in another accounting period than the ledger says.',
    'Move the line.',
  ),
  WRONG_DIMENSION: reason(
    'Wrong dimension',
    'finance-operations',
    'control',
    'Worker, project or account of the line differ from the ledger.',
    'Correct the line.',
  ),
  POLICY_REFUSED: reason(
    'Policy bundle refused by a service',
    'integration-platform',
    'control',
    'A service received an activated policy bundle that it cannot verify or compile, and goes on with the last good one.',
    'Look at what the service says about the bundle; deploy the service, or activate a bundle that it can compile.',
  ),
  CHANGE_REVIEW_DUE: reason(
    'Emergency change to be reviewed',
    'integration-platform',
    'control',
    'A change was made during a freeze as an emergency. Somebody else must review it afterwards.',
    'Review the change and say so: tieout policy review.',
  ),
  AUDIT_CHAIN_BROKEN: reason(
    'Audit chain does not verify',
    'integration-platform',
    'control',
    'An audit record is not what was chained, or a chain is behind what was signed.',
    'Compare the service’s database with the signed checkpoints; restore it if it was changed.',
  ),
  HANDOFF_INCOMPLETE: reason(
    'Won opportunity cannot become a project yet',
    'project-operations',
    'billing',
    'An opportunity was won, and what its project needs is missing or contradictory.',
    'Complete the opportunity in the CRM; the handoff goes on by itself.',
  ),
  HANDOFF_FAILED: reason(
    'Project could not be created',
    'integration-platform',
    'billing',
    'A system refused the project of a won opportunity.',
    'Mend what the system names; the handoff is tried again.',
  ),
} as const satisfies Record<string, ReasonCodeInfo>;

export type ReasonCode = keyof typeof REASON_CODES;
export const isReasonCode = (value: string): value is ReasonCode => Object.hasOwn(REASON_CODES, value);

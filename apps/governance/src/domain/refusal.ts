/** How a refusal is meant; adapters turn it into their own words (a status, say). */
export type RefusalKind = 'missing' | 'forbidden' | 'conflict' | 'invalid' | 'later';

/** Everything that a change can be refused for. Closed: whoever shows refusals knows all of them. */
export const REFUSALS = {
  'no-such-bundle': ['missing', 'No such bundle'],
  'no-such-activation': ['missing', 'No such activation'],
  'no-such-plan': ['missing', 'No plan yet'],
  'no-such-override': ['missing', 'No such override'],
  'no-such-request': ['missing', 'No such request'],
  'no-such-onboarding': ['missing', 'No such onboarding'],
  'onboarding-exists': ['conflict', 'Onboarded already'],
  'onboarding-refused': ['conflict', 'The step is refused'],
  'nothing-to-advance': ['conflict', 'Nothing to advance'],
  'service-away': ['later', 'A service does not answer'],
  'wrong-state': ['conflict', 'Not possible in this state'],
  'does-not-compile': ['invalid', 'The bundle does not compile'],
  'nothing-changed': ['conflict', 'Nothing to change'],
  'already-proposed': ['conflict', 'Proposed already'],
  'effective-from-past': ['invalid', 'The date lies in the past'],
  'promotion-needed': ['forbidden', 'Only promoted bundles are proposed here'],
  'promotion-refused': ['forbidden', 'The promotion is refused'],
  'no-rule-for-part': ['forbidden', 'Nobody may approve this'],
  'not-a-person': ['forbidden', 'Only a person may do this'],
  'self-approval': ['forbidden', 'Nobody approves a change of their own'],
  'not-yours': ['forbidden', 'Not yours to withdraw'],
  'role-not-held': ['forbidden', 'Not your role'],
  'role-not-needed': ['forbidden', 'This role has nothing to say here'],
  'already-approved': ['conflict', 'Approved already'],
  'another-digest': ['conflict', 'The approval is for something else'],
  'proposal-expired': ['conflict', 'The proposal has expired'],
  'base-changed': ['conflict', 'The active policy has changed since'],
  'approvals-missing': ['conflict', 'Approvals are missing'],
  'not-due': ['conflict', 'Not due yet'],
  'change-frozen': ['conflict', 'Changes are frozen'],
  'no-review-due': ['conflict', 'No review is due'],
  'not-waivable': ['forbidden', 'Policy does not let this pass'],
  'until-out-of-range': ['invalid', 'The end of the override is out of range'],
  'command-not-known': ['invalid', 'Not a command that takes a second person'],
  'command-wrong': ['invalid', 'The command is wrong'],
  'request-expired': ['conflict', 'The request has expired'],
  'clock-disagrees': ['later', 'The clocks disagree'],
} as const satisfies Record<string, readonly [RefusalKind, string]>;
export type RefusalCode = keyof typeof REFUSALS;

/** An expected no, with what to do about it. Holds no name of a person: actors are pseudonymous. */
export interface ChangeRefusal {
  readonly code: RefusalCode;
  readonly detail: string;
  readonly whatToDo: string;
  /** Several things that are wrong at once: "validation.yaml:3:5". */
  readonly errors?: readonly { readonly where: string; readonly why: string }[];
}

export type Decision<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: ChangeRefusal };

export const allowed = <T>(value: T): Decision<T> => ({ ok: true, value });
export const refused = (
  code: RefusalCode,
  detail: string,
  whatToDo: string,
): { readonly ok: false; readonly refusal: ChangeRefusal } => ({
  ok: false,
  refusal: { code, detail, whatToDo },
});

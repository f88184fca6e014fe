/** Transitions of a pay run, as data: event -> next state, per state. */
export const RUN_TRANSITIONS = {
  collecting: { cutOff: 'previewed' },
  // `reopen`: the cut-off was moved to a later instant.
  previewed: { reopen: 'collecting', sign: 'signed' },
  signed: { leave: 'sent', refuse: 'refused' },
  sent: { acknowledge: 'acknowledged', refuse: 'refused' },
  // Lines that came back are previewed again; where none did, payroll signs for what remains.
  refused: { preview: 'previewed', sign: 'signed' },
  acknowledged: {},
} as const;

export type RunState = keyof typeof RUN_TRANSITIONS;
export type RunEvent = { [S in RunState]: keyof (typeof RUN_TRANSITIONS)[S] }[RunState];
export const RUN_STATES = Object.keys(RUN_TRANSITIONS) as RunState[];

/** The next state, or undefined when the event means nothing in this state. */
export const stepRun = (state: RunState, event: RunEvent): RunState | undefined =>
  (RUN_TRANSITIONS[state] as Partial<Record<RunEvent, RunState>>)[event];

/** Nothing joins it any more. */
export const isSigned = (state: RunState): boolean => state === 'signed' || state === 'sent' || state === 'acknowledged';

/** What the documents of a run say. */
export interface RunFacts {
  readonly cutOffPassed: boolean;
  /** Wait for the signature. */
  readonly held: number;
  /** Signed, and not yet sent. */
  readonly unsent: number;
  /** Neither read back nor refused for good. */
  readonly unsettled: number;
  /** Refused since the run was last looked at. */
  readonly refused: number;
}

const eventOf = (state: RunState, facts: RunFacts): RunEvent | undefined => {
  if (state === 'collecting') return facts.cutOffPassed ? 'cutOff' : undefined;
  if (state === 'previewed') return facts.cutOffPassed ? undefined : 'reopen';
  if (state === 'refused') return facts.held > 0 ? 'preview' : undefined;
  if (facts.refused > 0) return 'refuse';
  if (state === 'signed') return facts.unsent === 0 ? 'leave' : undefined;
  return facts.unsettled === 0 ? 'acknowledge' : undefined;
};

/** Follows the documents as far as they lead. */
export const follow = (state: RunState, facts: RunFacts): RunState => {
  const event = state === 'acknowledged' ? undefined : eventOf(state, facts);
  const next = event && stepRun(state, event);
  // A refusal is told once: what leads out of it comes with the next facts.
  return next === undefined || event === 'refuse' || event === 'reopen' ? (next ?? state) : follow(next, facts);
};

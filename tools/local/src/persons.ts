/** What the runner may do itself; payroll is for the person who runs it. */
const ALL_BUT_PAYROLL = ['operator', 'finance', 'auditor', 'platform', 'enterprise-architecture', 'service-operations'] as const;

/** Whom the local provider knows, by the name of their OpenID client, and in which roles. The first one is the runner itself. */
export const CLIENTS = {
  'tieout-cli': ALL_BUT_PAYROLL,
  'demo-payroll': ['payroll'],
  'ana-architect': ['enterprise-architecture'],
  'finn-finance': ['finance'],
  'fay-finance': ['finance'],
  'pia-platform': ['platform'],
  'paul-platform': ['platform'],
  'sam-service': ['service-operations'],
  'olga-operator': ['operator'],
  'otto-operator': ['operator'],
  'audrey-auditor': ['auditor'],
} as const satisfies Record<string, readonly string[]>;
export type Person = keyof typeof CLIENTS;

/** It acts for itself; all others are people, who sign in through the other. */
export const PROGRAM: Person = 'tieout-cli';
export const SIGN_IN_CLIENT = 'tieout-sign-in';

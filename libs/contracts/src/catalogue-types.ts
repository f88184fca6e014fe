import { CONTEXTS, type Context } from './subjects.js';

export const CATALOGUE_KINDS = ['event', 'command', 'question', 'http-api'] as const;
export type CatalogueKind = (typeof CATALOGUE_KINDS)[number];

/** Services by context; `people` at the command line or a console; the project's `tools`; `other-systems` of the firm. */
export const PARTIES = [...CONTEXTS, 'people', 'tools', 'other-systems'] as const;
export type Party = (typeof PARTIES)[number];

export const CONTRACT_STATES = ['current', 'deprecated', 'retired'] as const;

/** Dates are calendar dates, UTC. A deprecated version stays usable until the end of the day `until`, at least. */
export type ContractStatus =
  | { readonly state: 'current' }
  | {
      readonly state: 'deprecated';
      readonly since: string;
      readonly until: string;
      /** Id of the version to use. */
      readonly instead: string;
    }
  | {
      readonly state: 'retired';
      readonly since: string;
      readonly until: string;
      readonly retiredOn: string;
      readonly instead: string;
    };

export interface ContractOwner {
  /** Who says an event, carries out a command, answers a question; `all`: every service, each for itself. */
  readonly context: Context | 'all';
  /** As in CODEOWNERS. */
  readonly team: string;
}

export interface Declared {
  readonly says: string;
  readonly owner: ContractOwner;
  readonly consumers: readonly Party[];
  /** Of the consumers of an event, those that keep no receipts: nobody makes sure that they get every one. */
  readonly mayMiss?: readonly Party[];
  readonly status?: ContractStatus;
}

export interface CatalogueEntry extends Declared {
  /** Event type, subject, or "http.<service>.v<N>". */
  readonly id: string;
  readonly kind: CatalogueKind;
  readonly name: string;
  readonly version: number;
  readonly mayMiss: readonly Party[];
  readonly status: ContractStatus;
}

import type { Context } from './subjects.js';

export type CatalogueKind = 'event' | 'command' | 'question' | 'http-api';

/** Services by context; `people` at the command line or a console; the project's `tools`; `other-systems` of the firm. */
export type Party = Context | 'people' | 'tools' | 'other-systems';

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

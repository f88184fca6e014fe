import { ArrayMaxSize, ArrayMinSize, IsArray, IsString, Matches, MinLength } from 'class-validator';
import { IsCalendarDate } from './validators.js';

/** "Do these connections work, as far as you use them?" Asked of whoever reads from them or sends to them. */
export class ConnectionStatesV1 {
  @IsArray() @ArrayMinSize(1) @ArrayMaxSize(100) @IsString({ each: true }) @MinLength(1, { each: true }) connections: string[];
}
export interface ConnectionStatesAnswerV1 {
  /** In the order of the question; those that the service does not use are left out. */
  readonly connections: readonly ConnectionStateV1[];
}
export interface ConnectionStateV1 {
  readonly connection: string;
  /** `not-tried`: nothing was read from it or sent to it yet. */
  readonly state: 'works' | 'faulted' | 'not-tried';
  readonly why?: string;
  /** Why nothing is sent there; absent: it is open, or takes nothing. */
  readonly locked?: string;
}

/** "What of this legal entity's master data is there, and what is missing?" */
export class LegalEntityReadinessV1 {
  @IsString() @MinLength(1) legalEntityId: string;
  /** A day in the first month: its accounting and pay periods are looked for. */
  @IsCalendarDate() on: string;
  /** Systems in which every worker, and every project, must have an id. */
  @IsArray() @ArrayMaxSize(100) @Matches(/^(worker|project)\/.+$/, { each: true }) references: string[];
}
export interface LegalEntityReadinessAnswerV1 {
  /** Absent: its system of record does not have it, or two records claim it. */
  readonly legalEntity?: Readonly<Record<string, string>>;
  readonly workers: number;
  readonly projects: number;
  /** As asked for ("worker/fr-hr"); codes of at most ten that have no id there. */
  readonly references: readonly { readonly reference: string; readonly missing: number; readonly examples: readonly string[] }[];
  /** Codes of those that the day lies in, with their state. */
  readonly accountingPeriods: readonly { readonly code: string; readonly state: string }[];
  readonly payGroups: readonly { readonly code: string; readonly payPeriod?: string }[];
}

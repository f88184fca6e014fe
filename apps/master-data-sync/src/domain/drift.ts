import { contentHash, decimal, isPersonal, type ConnectionId, type MasterKind } from '@tieout/model';

/** A value that a system holds which does not own it, and that differs from what stands in master data. */
export interface Drift {
  readonly attribute: string;
  readonly connection: ConnectionId;
  readonly externalId: string;
  readonly value: string;
  /** The system of record; undefined: policy names none. */
  readonly owner: ConnectionId | undefined;
  readonly ownerValue: string | undefined;
  /** The owner has a record of the object. Without one it contradicts nobody. */
  readonly ownerSpeaks: boolean;
}

/** One drift as it is kept: what a person is told, and by what it is found again. Values of persons are not among it. */
export interface KnownDrift {
  readonly kind: MasterKind;
  readonly code: string;
  readonly attribute: string;
  readonly connection: ConnectionId;
  readonly legalEntityId: string;
  readonly owner: ConnectionId;
  /** null: not for showing, or the owner says nothing. */
  readonly ownerValue: string | null;
  readonly value: string | null;
}

export interface DriftChanges {
  /** New, or with other values than before. */
  readonly raised: readonly KnownDrift[];
  readonly cleared: readonly KnownDrift[];
}

const LONGEST_VALUE = 200;
const LONGEST_KEY = 300;
/** Texts that mean the same number are no drift. */
const DECIMALS: ReadonlySet<string> = new Set(['amount', 'rate', 'budgetHours', 'budgetAmount']);
const DECIMAL = /^-?\d+(\.\d+)?$/;

export const sameValue = (attribute: string, a: string | undefined, b: string | undefined): boolean =>
  a === b ||
  (a !== undefined &&
    b !== undefined &&
    DECIMALS.has(attribute) &&
    DECIMAL.test(a) &&
    DECIMAL.test(b) &&
    decimal(a).equals(decimal(b)));

/** Where nothing is a statement too: no end. Of everything else nothing means that the system does not know. */
const ABSENT_SAYS: ReadonlySet<string> = new Set(['activeTo']);

/**
 * What is told to people: drift where an owner speaks. A system of record that does not know contradicts nobody, and a value that nobody
 * contradicts is noted in the audit only.
 */
export const toKnown = (
  drift: readonly Drift[],
  { kind, code, legalEntityId }: { readonly kind: MasterKind; readonly code: string; readonly legalEntityId: string },
): KnownDrift[] =>
  drift.flatMap(({ attribute, connection, owner, ownerValue = null, ownerSpeaks, value }) => {
    if (owner === undefined || !ownerSpeaks || (ownerValue === null && !ABSENT_SAYS.has(attribute))) return [];
    const shown = isPersonal(kind, attribute) ? { ownerValue: null, value: null } : { ownerValue, value };
    return [{ kind, code, attribute, connection, legalEntityId, owner, ...shown }];
  });

/** Compares what was known of some codes with what was found: only changes are told. */
export const compareDrift = (known: readonly KnownDrift[], found: readonly KnownDrift[]): DriftChanges => {
  const before = new Map(known.map((one) => [driftKey(one), one]));
  const now = new Set(found.map(driftKey));
  return {
    raised: found.filter((one) => {
      const old = before.get(driftKey(one));
      return (
        old === undefined ||
        old.value !== one.value ||
        old.ownerValue !== one.ownerValue ||
        old.owner !== one.owner ||
        old.legalEntityId !== one.legalEntityId
      );
    }),
    cleared: known.filter((one) => !now.has(driftKey(one))),
  };
};

/** The same for as long as it is the same drift. */
export const driftKey = ({ kind, code, attribute, connection }: KnownDrift): string => {
  const key = `drift:${kind}:${code}:${attribute}:${connection}`;
  return key.length <= LONGEST_KEY ? key : `drift:${kind}:${contentHash(key)}`;
};

/** What it groups by: a mapping that is wrong drifts on every object, and is one thing to mend. */
export const driftSubject = ({ kind, attribute, connection }: KnownDrift): string => `drift:${kind}:${attribute}:${connection}`;

export const driftDetail = (drift: KnownDrift): string => {
  const { kind, code, attribute, connection, owner, ownerValue, value } = drift;
  const what = `${kind} ${code}: ${attribute}`;
  if (isPersonal(kind, attribute)) return `${what} differs between ${owner} (its system of record) and ${connection}`;
  const truth = ownerValue === null ? `is empty in ${owner}` : `is "${short(ownerValue)}" in ${owner}`;
  return `${what} ${truth} (its system of record), but "${short(value ?? '')}" in ${connection}`;
};

/** How the two agree again. */
export const driftSuggestion = (drift: KnownDrift): string => {
  const { kind, code, attribute, connection, owner, ownerValue } = drift;
  const personal = isPersonal(kind, attribute);
  const change = personal
    ? `Set ${attribute} of ${kind} ${code} in ${connection} to what ${owner} says`
    : ownerValue === null
      ? `Remove ${attribute} of ${kind} ${code} in ${connection}`
      : `Set ${attribute} of ${kind} ${code} to "${short(ownerValue)}" in ${connection}`;
  return `${change}. If ${connection} is right, change it in ${owner}.`;
};

const short = (value: string): string => (value.length <= LONGEST_VALUE ? value : `${value.slice(0, LONGEST_VALUE)}…`);

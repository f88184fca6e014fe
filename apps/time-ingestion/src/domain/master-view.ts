import {
  ALWAYS,
  attributesOn,
  codeOn,
  masterKey,
  resolveCode,
  type MasterAttributes,
  type MasterKind,
  type MasterObject,
  type WorkDate,
} from '@tieout/model';

/** One object as assessment sees it on a date. */
export interface Resolved<K extends MasterKind> {
  readonly id: string;
  readonly revision: number;
  readonly ambiguous: boolean;
  /** The code that it had on the date: not the one asked for, where that was changed or the object merged into another. */
  readonly code: string;
  /** The code that it has now, by which what belongs to it is named. */
  readonly currentCode: string;
  readonly attributes: MasterAttributes[K];
}

type Period = MasterAttributes['accounting-period'];

/** All objects that have or had a code. */
interface Known {
  readonly holders: readonly MasterObject[];
  /** Present: the same answer on every date, which is what most objects give. */
  readonly always: Resolved<MasterKind> | undefined;
}

/**
 * Master data by kind and code. Found by the code as the entry has it: to make a key of both, nine times for every entry, costs more than
 * all rules.
 */
export class MasterIndex {
  readonly #kinds = new Map<MasterKind, Map<string, Known>>();
  readonly #periods = new Map<string, readonly Period[]>();

  /** `holders`: of this code, now or before. */
  put(kind: MasterKind, code: string, holders: readonly MasterObject[]): void {
    let known = this.#kinds.get(kind);
    if (known === undefined) this.#kinds.set(kind, (known = new Map()));
    known.set(code, { holders, always: holders.length === 1 ? alwaysOf(holders[0]!, code) : undefined });
  }

  putPeriods(legalEntity: string, objects: readonly MasterObject[]): void {
    this.#periods.set(
      legalEntity,
      objects
        .map((object) => object.timeline.at(-1)!.attributes as unknown as Period)
        .sort((a, b) => ((a.startDate ?? '') < (b.startDate ?? '') ? -1 : 1)),
    );
  }

  get(kind: MasterKind, code: string): Known | undefined {
    return this.#kinds.get(kind)?.get(code);
  }

  /** In order of their start. */
  periods(legalEntity: string): readonly Period[] {
    return this.#periods.get(legalEntity) ?? [];
  }
}

const alwaysOf = (object: MasterObject, code: string): Resolved<MasterKind> | undefined => {
  const { timeline, mergedInto, formerCodes, sharedIdentity } = object;
  const [first] = timeline;
  const changes = mergedInto ?? formerCodes ?? sharedIdentity ?? timeline[1];
  if (object.code !== code || first === undefined || first.validFrom > ALWAYS || changes !== undefined) return undefined;
  return resolvedOf(object, first.attributes as unknown as MasterAttributes[MasterKind], ALWAYS, false);
};

/**
 * Master data as of now, with a note of every key that was asked for: found or not, a change of that key can change the verdict.
 */
export class MasterView {
  // A dozen at most: looking through them costs less than a set, and few of the keys that they make are ever read.
  readonly #kinds: MasterKind[] = [];
  readonly #codes: string[] = [];
  readonly #periodsOf: string[] = [];
  constructor(private readonly index: MasterIndex) {}

  on<K extends MasterKind>(kind: K, code: string, date: WorkDate): Resolved<K> | undefined {
    this.#note(kind, code);
    const known = this.index.get(kind, code);
    if (known === undefined) return undefined;
    return (known.always ?? this.#resolve(kind, code, date, known.holders)) as Resolved<K> | undefined;
  }

  /** The code by which an object goes now. Only where that is another one does the verdict depend on it. */
  currentCode(kind: MasterKind, code: string, date: WorkDate): string {
    const known = this.index.get(kind, code);
    // Whatever is the same on all dates has neither another code nor another object in its place.
    if (known === undefined || known.holders.length === 0 || known.always !== undefined) return code;
    const [only] = known.holders;
    if (known.holders.length === 1 && only!.code === code && only!.mergedInto === undefined) return code;
    return this.on(kind, code, date)?.currentCode ?? code;
  }

  /** The accounting periods of a legal entity, in order of their start. Every one of them can change the verdict. */
  periods(legalEntity: string): readonly Period[] {
    if (!this.#periodsOf.includes(legalEntity)) this.#periodsOf.push(legalEntity);
    return this.index.periods(legalEntity);
  }

  /** A view for the next entry: same data, nothing asked yet. */
  fresh(): MasterView {
    return new MasterView(this.index);
  }

  /** Keys of all that was asked for, each once. */
  get dependsOn(): readonly string[] {
    return [...this.#codes.map((code, at) => masterKey(this.#kinds[at]!, code)), ...this.#periodsOf.map(periodsKey)];
  }

  #resolve(kind: MasterKind, code: string, date: WorkDate, holders: readonly MasterObject[]): Resolved<MasterKind> | undefined {
    if (holders.length === 0) return undefined;
    let object = holders[0]!;
    let ambiguous = false;
    if (holders.length > 1 || object.code !== code || object.mergedInto !== undefined) {
      const { found, asked } = resolveCode(kind, code, date, (key) => this.#holdersOf(kind, key));
      for (const key of asked) this.#note(kind, codeIn(kind, key));
      if (found === undefined) return undefined;
      if (found === 'ambiguous') ambiguous = true;
      else object = found;
    }
    const attributes = attributesOn(object, date);
    return attributes && resolvedOf(object, attributes, date, ambiguous);
  }

  #holdersOf(kind: MasterKind, key: string): readonly MasterObject[] {
    return this.index.get(kind, codeIn(kind, key))?.holders ?? [];
  }

  #note(kind: MasterKind, code: string): void {
    const codes = this.#codes;
    for (let at = 0; at < codes.length; at++) if (this.#kinds[at] === kind && codes[at] === code) return;
    this.#kinds.push(kind);
    codes.push(code);
  }
}

const codeIn = (kind: MasterKind, key: string): string => key.slice(masterKey(kind, '').length);

const resolvedOf = (
  object: MasterObject,
  attributes: MasterAttributes[MasterKind],
  date: WorkDate,
  ambiguous: boolean,
): Resolved<MasterKind> => ({
  id: object.id,
  revision: object.revision,
  ambiguous: ambiguous || object.ambiguous || isShared(object, date),
  code: object.formerCodes === undefined ? object.code : codeOn(object, date),
  currentCode: object.code,
  attributes,
});

/** Two records of one human being that are both active: nobody can tell whose hour it is. */
const isShared = ({ sharedIdentity }: MasterObject, date: WorkDate): boolean =>
  sharedIdentity !== undefined && sharedIdentity.some(({ from, to }) => from <= date && (to === undefined || date <= to));

/** Key that stands for all accounting periods of a legal entity. */
export const periodsKey = (legalEntity: string): string => `accounting-periods:${legalEntity}`;

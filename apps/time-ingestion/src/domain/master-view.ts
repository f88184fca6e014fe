import {
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

/** By `masterKey`: all objects that have or had the code. */
export type MasterHolders = ReadonlyMap<string, readonly MasterObject[]>;

type Period = MasterAttributes['accounting-period'];

/**
 * Master data as of now, with a note of every key that was asked for: found or not, a change of that key can change the verdict.
 */
export class MasterView {
  /** A dozen at most: looking through them costs less than a set. */
  readonly #asked: string[] = [];
  constructor(
    private readonly holders: MasterHolders,
    private readonly periodsByEntity: ReadonlyMap<string, readonly MasterObject[]>,
    private readonly ordered = new Map<string, readonly Period[]>(),
  ) {}

  on<K extends MasterKind>(kind: K, code: string, date: WorkDate): Resolved<K> | undefined {
    const key = masterKey(kind, code);
    this.#note(key);
    const holders = this.holders.get(key);
    if (holders === undefined || holders.length === 0) return undefined;
    let object = holders[0]!;
    let ambiguous = object.ambiguous;
    if (holders.length > 1 || object.code !== code || object.mergedInto !== undefined) {
      const { found, asked } = resolveCode(kind, code, date, (other) => this.holders.get(other) ?? []);
      for (const other of asked) this.#note(other);
      if (found === undefined) return undefined;
      if (found === 'ambiguous') ambiguous = true;
      else {
        object = found;
        ambiguous = found.ambiguous;
      }
    }
    const attributes = attributesOn(object as MasterObject & { kind: K }, date);
    if (attributes === undefined) return undefined;
    return {
      id: object.id,
      revision: object.revision,
      ambiguous: ambiguous || isShared(object, date),
      code: object.formerCodes === undefined ? object.code : codeOn(object, date),
      currentCode: object.code,
      attributes,
    };
  }

  /** The accounting periods of a legal entity, in order of their start. Every one of them can change the verdict. */
  periods(legalEntity: string): readonly Period[] {
    this.#note(periodsKey(legalEntity));
    let periods = this.ordered.get(legalEntity);
    if (periods === undefined) {
      periods = (this.periodsByEntity.get(legalEntity) ?? [])
        .map((object) => object.timeline.at(-1)!.attributes as unknown as Period)
        .sort((a, b) => ((a.startDate ?? '') < (b.startDate ?? '') ? -1 : 1));
      this.ordered.set(legalEntity, periods);
    }
    return periods;
  }

  /** A view for the next entry: same data, nothing asked yet. */
  fresh(): MasterView {
    return new MasterView(this.holders, this.periodsByEntity, this.ordered);
  }

  /** Each once, in the order in which they were asked for. */
  get dependsOn(): readonly string[] {
    return this.#asked;
  }

  #note(key: string): void {
    if (!this.#asked.includes(key)) this.#asked.push(key);
  }
}

/** Two records of one human being that are both active: nobody can tell whose hour it is. */
const isShared = ({ sharedIdentity }: MasterObject, date: WorkDate): boolean =>
  sharedIdentity !== undefined && sharedIdentity.some(({ from, to }) => from <= date && (to === undefined || date <= to));

/** Key that stands for all accounting periods of a legal entity. */
export const periodsKey = (legalEntity: string): string => `accounting-periods:${legalEntity}`;

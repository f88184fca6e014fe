import { attributesOn, masterKey, type MasterAttributes, type MasterKind, type MasterObject, type WorkDate } from '@tieout/model';

/** One object as assessment sees it on a date. */
export interface Resolved<K extends MasterKind> {
  readonly id: string;
  readonly revision: number;
  readonly ambiguous: boolean;
  readonly attributes: MasterAttributes[K];
}

/**
 * Master data as of now, with a note of every key that was asked for: found or not, a change of that key can change the verdict.
 */
export class MasterView {
  readonly #asked = new Set<string>();
  constructor(
    private readonly objects: ReadonlyMap<string, MasterObject>,
    private readonly periodsByEntity: ReadonlyMap<string, readonly MasterObject[]>,
  ) {}

  on<K extends MasterKind>(kind: K, code: string, date: WorkDate): Resolved<K> | undefined {
    const key = masterKey(kind, code);
    this.#asked.add(key);
    const object = this.objects.get(key);
    if (object === undefined) return undefined;
    const attributes = attributesOn(object as MasterObject & { kind: K }, date);
    if (attributes === undefined) return undefined;
    return { id: object.id, revision: object.revision, ambiguous: object.ambiguous, attributes };
  }

  /** The accounting periods of a legal entity, in order of their start. Every one of them can change the verdict. */
  periods(legalEntity: string): MasterAttributes['accounting-period'][] {
    this.#asked.add(periodsKey(legalEntity));
    return (this.periodsByEntity.get(legalEntity) ?? [])
      .map((object) => object.timeline.at(-1)!.attributes as unknown as MasterAttributes['accounting-period'])
      .sort((a, b) => ((a.startDate ?? '') < (b.startDate ?? '') ? -1 : 1));
  }

  /** A view for the next entry: same data, nothing asked yet. */
  fresh(): MasterView {
    return new MasterView(this.objects, this.periodsByEntity);
  }

  get dependsOn(): string[] {
    return [...this.#asked].sort();
  }
}

/** Key that stands for all accounting periods of a legal entity. */
export const periodsKey = (legalEntity: string): string => `accounting-periods:${legalEntity}`;

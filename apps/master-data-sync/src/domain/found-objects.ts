import {
  attributesOn,
  isPersonal,
  masterKey,
  resolveCode,
  type MasterAttributes,
  type MasterKind,
  type MasterObject,
  type WorkDate,
} from '@tieout/model';
import type { Found } from './may-charge.js';

/** Objects that were read for one question, found by any code that they have or had. */
export class FoundObjects {
  readonly #byKey = new Map<string, MasterObject[]>();

  constructor(objects: readonly MasterObject[]) {
    for (const object of objects)
      for (const code of new Set([object.code, ...(object.formerCodes ?? []).map((former) => former.code)])) {
        const key = masterKey(object.kind, code);
        this.#byKey.set(key, [...(this.#byKey.get(key) ?? []), object]);
      }
  }

  /** The object that a code means on a day, as it is on that day. */
  on<K extends MasterKind>(
    kind: K,
    code: string,
    day: WorkDate,
  ): (Found<MasterAttributes[K]> & object) | 'ambiguous' | undefined {
    const object = this.objectOn(kind, code, day);
    if (object === undefined || object === 'ambiguous') return object;
    const attributes = attributesOn(object as MasterObject & { kind: K }, day);
    return attributes && { code: object.code, attributes };
  }

  objectOn(kind: MasterKind, code: string, day: WorkDate): MasterObject | 'ambiguous' | undefined {
    const { found } = resolveCode(kind, code, day, (key) => this.#byKey.get(key) ?? []);
    return typeof found === 'object' && (found.ambiguous || isShared(found, day)) ? 'ambiguous' : found;
  }
}

/** Two records of one human being that are both active: nobody can tell whom the code means. */
export const isShared = ({ sharedIdentity = [] }: MasterObject, day: WorkDate): boolean =>
  sharedIdentity.some(({ from, to }) => from <= day && (to === undefined || day <= to));

/** For another system's eyes: nothing that tells of a person. */
export const shownAttributes = (object: MasterObject, day: WorkDate): Record<string, string> | undefined => {
  const attributes = attributesOn(object, day) as Readonly<Record<string, string>> | undefined;
  return attributes && Object.fromEntries(Object.entries(attributes).filter(([name]) => !isPersonal(object.kind, name)));
};

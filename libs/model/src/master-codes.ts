import { masterKey, type MasterKind, type MasterObject } from './master-data.js';
import type { WorkDate } from './times.js';

/** More merges in a row than this are a mistake in the data; the decision itself refuses circles. */
const MAX_MERGES = 10;

/** The code that an object had on a date. */
export const codeOn = (object: Pick<MasterObject, 'code' | 'formerCodes'>, date: WorkDate): string =>
  object.formerCodes?.find(({ until }) => date <= until)?.code ?? object.code;

/**
 * Which of the objects that hold or held a code it meant on a date. A code that went from one object to another means the first until
 * its last day there; a code that nobody holds any longer still means the one that held it last, for time comes in late.
 */
export const holderOn = <T extends Pick<MasterObject, 'code' | 'formerCodes'>>(
  code: string,
  date: WorkDate,
  holders: readonly T[],
): T | 'ambiguous' | undefined => {
  const former = holders
    .flatMap((holder) => {
      const until = holder.formerCodes?.find((one) => one.code === code)?.until;
      return until === undefined ? [] : [{ holder, until }];
    })
    .sort((a, b) => (a.until < b.until ? -1 : a.until > b.until ? 1 : 0));
  const then = former.filter(({ until }) => date <= until);
  if (then.length > 0) return then[1]?.until === then[0]!.until ? 'ambiguous' : then[0]!.holder;
  const now = holders.filter((holder) => holder.code === code);
  if (now.length > 0) return now.length === 1 ? now[0] : 'ambiguous';
  const last = former.at(-1);
  return last === undefined ? undefined : former.at(-2)?.until === last.until ? 'ambiguous' : last.holder;
};

export interface ResolvedCode {
  readonly found: MasterObject | 'ambiguous' | undefined;
  /** Every key that was asked for, and those of the objects that were found under another code: a change of any can change the answer. */
  readonly asked: readonly string[];
}

/** The object that a code means on a date, through changes of code and through merges. */
export const resolveCode = (
  kind: MasterKind,
  code: string,
  date: WorkDate,
  holdersOf: (key: string) => readonly MasterObject[],
): ResolvedCode => {
  const asked: string[] = [];
  let wanted = code;
  for (let step = 0; step <= MAX_MERGES; step += 1) {
    const key = masterKey(kind, wanted);
    asked.push(key);
    const holders = holdersOf(key);
    const found = holders.length === 1 && holders[0]!.code === wanted ? holders[0] : holderOn(wanted, date, holders);
    if (found === undefined || found === 'ambiguous') return { found, asked };
    if (found.code !== wanted) asked.push(masterKey(kind, found.code));
    if (found.mergedInto === undefined || date < found.mergedInto.validFrom) return { found, asked };
    wanted = found.mergedInto.code;
  }
  return { found: 'ambiguous', asked };
};

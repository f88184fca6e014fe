import type { NewAuditRow } from '@tieout/persistence';
import { fnv } from './random.js';

/** What happens, in order: as a hash always, as a story for people when asked. */
export class Trace {
  #low = 0x811c9dc5;
  #high = 0x9747b28c;
  readonly story: string[] = [];

  constructor(
    private readonly nowMs: () => number,
    readonly telling: boolean,
  ) {}

  /** `what`: in the field's words, without anything that differs between two runs. */
  note(who: string, what: string): void {
    const text = `${this.nowMs()} ${who} ${what}`;
    this.#low = fnv(text, this.#low);
    this.#high = fnv(text, this.#high);
    if (this.telling) this.story.push(`${(this.nowMs() / 1_000).toFixed(3).padStart(9)} s  ${who.padEnd(12)} ${what}`);
  }

  /** 16 hex digits. */
  get hash(): string {
    return this.#low.toString(16).padStart(8, '0') + this.#high.toString(16).padStart(8, '0');
  }
}

/** Enough of an id to tell it from the others of one seed. */
export const short = (id: string): string => id.slice(0, 8);

/** An audit row as a line of the story. */
export const toldOf = ({ action, subjectId, after, reason }: NewAuditRow): string => {
  const { releaseNo, kind, postingPeriod, postingKeys, fence } = (after ?? {}) as {
    releaseNo?: number;
    kind?: string;
    postingPeriod?: string;
    postingKeys?: readonly string[];
    fence?: number;
  };
  const parts = [
    releaseNo === undefined ? '' : ` (release ${releaseNo}, ${kind})`,
    postingPeriod === undefined ? '' : ` for ${postingPeriod}`,
    postingKeys === undefined ? '' : ` with ${postingKeys.map(short).join(', ')}`,
    fence === undefined ? '' : `, fence ${fence}`,
    reason === undefined ? '' : `: ${reason}`,
  ];
  return `${action} ${short(subjectId)}${parts.join('')}`;
};

import { addDays, localInstant, type Instant, type TimeZone } from '@tieout/model';

/** Half-open, in milliseconds since the epoch. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** How far ahead the calendar is looked through for when something opens or closes. */
export const HORIZON_MS = 366 * 86_400_000;

export const localMs = (local: string, zone: TimeZone): number => Date.parse(localInstant(local, zone)!);

/** An instant as it is; a date begins at midnight. */
const momentMs = (text: string, zone: TimeZone | undefined): number =>
  zone === undefined || /T.*(Z|[+-]\d{2}:\d{2})$/.test(text)
    ? Date.parse(text)
    : localMs(text.includes('T') ? text.replace(/\.\d+$/, '') : `${text}T00:00`, zone);

interface Block {
  readonly from: string;
  readonly to: string;
  readonly timeZone?: TimeZone | undefined;
}

/** "to: 2026-12-26" means until that day is over. */
export const spanOf = (block: Block): Span => ({
  from: momentMs(block.from, block.timeZone),
  to: momentMs(block.to.includes('T') ? block.to : addDays(block.to, 1), block.timeZone),
});

export const instant = (ms: number | undefined): Instant | undefined =>
  ms === undefined ? undefined : new Date(ms).toISOString();

import type { WriteRequest } from './recorder.js';

/** Moments of a run, in milliseconds since the epoch. */
export interface Moments {
  readonly struckAt: number;
  /** When the fault was over: the strike itself, where nothing lasted. */
  readonly healedAt: number;
  readonly loadEndedAt: number;
}

export interface Measures {
  /** Lines of requests repeated though an earlier one may have booked: it got no answer, or a yes, or an answer that proves nothing. */
  readonly resentLines: number;
  readonly resentRequests: number;
  /** From the end of the fault to the first request for a document never sent before that the ERP booked. */
  readonly firstNewPostSeconds: number | undefined;
  /** From the end of both load and fault to the last new booking. */
  readonly drainSeconds: number;
}

/** Answers that promise that nothing was booked. */
const isNo = ({ status }: WriteRequest): boolean => status !== undefined && (status === 503 || (status >= 400 && status < 500));
const isYes = ({ status }: WriteRequest): boolean => status !== undefined && status >= 200 && status < 300;

const seconds = (ms: number): number => Math.round(ms / 100) / 10;

export const measure = (writes: readonly WriteRequest[], { struckAt, healedAt, loadEndedAt }: Moments): Measures => {
  const sent = writes.filter(({ lines }) => lines > 0);
  const requests = [...Map.groupBy(sent, ({ identity }) => identity).values()];
  const repeated = requests.flatMap((all) => all.filter((_, index) => index > 0 && !isNo(all[index - 1]!)));
  const firsts = requests.map(([first]) => first!);
  const next = firsts.filter(({ at }) => at >= healedAt).find((request) => isYes(request));
  const lastBooking = Math.max(struckAt, ...requests.flatMap((all) => all.find(isYes)?.endedAt ?? []));
  return {
    resentLines: repeated.reduce((sum, { lines }) => sum + lines, 0),
    resentRequests: repeated.length,
    firstNewPostSeconds: next && seconds((next.endedAt ?? next.at) - healedAt),
    drainSeconds: seconds(Math.max(0, lastBooking - Math.max(loadEndedAt, healedAt))),
  };
};

/** We learn a little late that a sender gave up, and may have seen its next request before. */
const GIVEN_UP_MS = 250;

/** The most requests that may book at one time, as Tieout has them open. */
export const mostAtOnce = (writes: readonly WriteRequest[]): number => {
  const steps = writes.flatMap(({ at, endedAt = Infinity, status }) => [
    { at, by: 1 },
    { at: status === undefined ? Math.max(at, endedAt - GIVEN_UP_MS) : endedAt, by: -1 },
  ]);
  let [running, most] = [0, 0];
  for (const { by } of steps.sort((a, b) => a.at - b.at || a.by - b.by)) most = Math.max(most, (running += by));
  return most;
};

import type { PostingLine } from '@tieout/connector-kit';
import type { LineContent } from '@tieout/delivery';
import { addDecimals, sameDecimal, type DecimalString } from '@tieout/model';
import { openCases, type OpenCases } from './cases.js';
import type { Booked } from './destination/books.js';
import type { DestinationServer } from './destination/server.js';
import { entryIdOf } from './network.js';
import { releasedContent, rulesOf, wantedLines } from './rules.js';
import type { EntryScript } from './script.js';
import type { StoredPosting } from './store/tables.js';
import { short } from './trace.js';
import type { World } from './world.js';

/** Numbered as in the glossary's list of invariants. */
export interface Failure {
  readonly invariant: number;
  readonly text: string;
}

export interface Findings {
  readonly failures: readonly Failure[];
  /** Documents booked once more by a request that nothing of ours could have stopped. */
  readonly beyondUs: number;
}

/** One ledger line as it stands in a destination. */
interface Standing {
  readonly row: StoredPosting;
  readonly hours: DecimalString;
  readonly amount: DecimalString;
  readonly booked: Booked;
  readonly line: PostingLine;
}

/** Compares the ledger, the cases and every destination's own books with what was last released. */
export const check = (world: World): Findings => {
  const failures: Failure[] = [];
  const cases = openCases(world.tables, rulesOf(world.script, world.tables));
  let beyondUs = 0;
  for (const server of world.servers) {
    const fail = (invariant: number, text: string): void =>
      void failures.push({ invariant, text: `${server.script.id}: ${text}` });
    const { once, again } = withoutRepeats(server, { cases, seenLate: seenLate(world) }, fail);
    beyondUs += again;
    const standing = standingIn(once, world, fail);
    checkBooks(once, fail);
    checkLedger(world, server, standing, fail);
    for (const entry of world.script.entries) checkEntry(world, server, entry, standing, fail);
    for (const overrun of server.overruns.slice(0, 1)) fail(8, overrun);
  }
  checkNothingWaits(world, cases, failures);
  return { failures, beyondUs };
};

type Fail = (invariant: number, text: string) => void;

/** Shown to somebody who no longer held the document: recorded as an attempt, and left to reconciliation. */
const seenLate = ({ tables }: World): ReadonlySet<string> =>
  new Set(tables.attempts.rows.flatMap(({ documentKey, outcome }) => (outcome === 'late: duplicate' ? documentKey : [])));

/** A document that stands twice is a failure, unless nothing of ours could have stopped it and whoever was shown both said so. */
const withoutRepeats = (
  server: DestinationServer,
  { cases, seenLate }: { readonly cases: OpenCases; readonly seenLate: ReadonlySet<string> },
  fail: Fail,
): { once: Booked[]; again: number } => {
  const once: Booked[] = [];
  let again = 0;
  for (const [reference, all] of Map.groupBy(server.books.standing(), (booked) => booked.reference)) {
    once.push(all[0]!);
    if (all.length === 1) continue;
    again += all.length - 1;
    if (all.filter((booked) => !booked.beyondUs).length > 1) fail(1, `document ${short(reference)} stands ${all.length} times`);
    else if (
      server.shownTwice.has(reference) &&
      !seenLate.has(reference) &&
      cases.documents.get(reference) !== 'DUPLICATE_IN_DESTINATION'
    )
      fail(1, `document ${short(reference)} stands ${all.length} times, was seen to, and there is no case of it`);
  }
  return { once, again };
};

const standingIn = (documents: readonly Booked[], world: World, fail: Fail): Map<string, Standing> => {
  const standing = new Map<string, Standing>();
  // Last, what a request booked that slept while its document was refused, and its lines went out with another or were owed no longer.
  for (const booked of [...documents].sort((a, b) => Number(a.beyondUs) - Number(b.beyondUs)))
    for (const line of booked.lines)
      for (const { postingKey, hours, amount } of line.members ?? [line]) {
        const row = world.tables.postings.get(postingKey);
        if (row === undefined) fail(3, `line ${short(postingKey)} stands there and is in no ledger`);
        else if (booked.beyondUs && (standing.has(postingKey) || row.state === 'cancelled')) continue;
        else if (standing.has(postingKey)) fail(1, `line ${short(postingKey)} stands in two documents`);
        else standing.set(postingKey, { row, hours, amount, booked, line });
      }
  return standing;
};

const checkBooks = (documents: readonly Booked[], fail: Fail): void => {
  for (const { externalId, period, periodWasOpen } of documents)
    if (!periodWasOpen) fail(6, `${externalId} was booked into ${period}, which was closed`);
};

const checkLedger = (world: World, server: DestinationServer, standing: ReadonlyMap<string, Standing>, fail: Fail): void => {
  for (const row of world.tables.postings.all()) {
    if (row.destination !== server.script.id) continue;
    const there = standing.get(row.postingKey);
    const said = row.state === 'posted' || row.state === 'confirmed';
    if (said && there === undefined) fail(3, `line ${short(row.postingKey)} is ${row.state} and does not stand there`);
    if (!said && there !== undefined && row.state !== 'unknown')
      fail(3, `line ${short(row.postingKey)} is ${row.state} and stands there`);
    if (!said || there === undefined) continue;
    if (!sameDecimal(there.hours, row.content.hours) || !sameDecimal(there.amount, row.content.amount))
      fail(
        3,
        `line ${short(row.postingKey)} stands with ${there.hours} h and ${there.amount}, ledger ${row.content.hours} h and ${row.content.amount}`,
      );
    if (there.booked.period !== row.postingPeriod)
      fail(3, `line ${short(row.postingKey)} stands in ${there.booked.period}, ledger ${row.postingPeriod}`);
  }
};

const checkEntry = (
  world: World,
  server: DestinationServer,
  { entry, releases }: EntryScript,
  standing: ReadonlyMap<string, Standing>,
  fail: Fail,
): void => {
  const { script } = world;
  const entryId = entryIdOf(entry);
  const last = releases.at(-1)!.content;
  const released = last === null ? undefined : releasedContent(last, script);
  const wanted = released?.routes.includes(server.script.id) ? wantedLines(released, script.correction) : [];
  const there = [...standing.values()].filter(({ row }) => row.entryId === entryId);
  const owed = world.tables.postings.where(
    (row) => row.entryId === entryId && row.destination === server.script.id && isOwed(row, standing),
  );
  const keyOf = ({ leg, workDate }: { leg: string; workDate: string }): string =>
    script.correction === 'adjust' ? `${leg} ${workDate}` : leg;
  const keys = new Set([
    ...wanted.map(({ leg, content }) => keyOf({ leg, workDate: content.workDate })),
    ...[...there.map(({ row }) => row), ...owed].map(({ leg, content }) => keyOf({ leg, workDate: content.workDate })),
  ]);
  for (const key of keys) {
    const what = `entry ${short(entryId.slice(-8))}, ${key}`;
    const ours = there.filter(({ row }) => keyOf({ leg: row.leg, workDate: row.content.workDate }) === key);
    const open = owed.filter(({ leg, content }) => keyOf({ leg, workDate: content.workDate }) === key);
    const want = wanted.find(({ leg, content }) => keyOf({ leg, workDate: content.workDate }) === key)?.content;
    if (want?.reverseInto !== undefined) checkReversedItself(what, ours, open.length > 0, fail);
    else checkSums(what, { ours, open, want }, fail);
    if (script.correction === 'reverse' && want?.reverseInto === undefined)
      checkEffective(what, ours, open.length > 0, want, fail);
  }
};

interface OfLeg {
  readonly ours: readonly Standing[];
  readonly open: readonly StoredPosting[];
  readonly want: LineContent | undefined;
}

const checkSums = (what: string, { ours, open, want }: OfLeg, fail: Fail): void => {
  for (const field of ['hours', 'amount'] as const) {
    const sum = addDecimals([...ours.map((line) => line[field]), ...open.map((row) => row.content[field])]);
    if (sameDecimal(sum, want?.[field] ?? '0')) continue;
    const text = `${what}: ${field} there${open.length > 0 ? ' and owed' : ''} ${sum}, released ${want?.[field] ?? 'none'}`;
    fail(open.length === 0 ? 5 : 2, text);
  }
};

/** Stood once, and comes to nothing. What is still owed may change that. */
const checkReversedItself = (what: string, there: readonly Standing[], someOwed: boolean, fail: Fail): void => {
  if (someOwed) return;
  if (there.length === 0) fail(1, `${what}: was never booked`);
  const sum = addDecimals(there.map((line) => line.amount));
  if (!sameDecimal(sum, '0')) fail(5, `${what}: reverses itself, and ${sum} still stands`);
};

const checkEffective = (
  what: string,
  there: readonly Standing[],
  someOwed: boolean,
  want: { readonly projectCode: string; readonly workDate: string } | undefined,
  fail: Fail,
): void => {
  const reversed = new Set(there.flatMap(({ row }) => row.reverses ?? []));
  const effective = there.filter(({ row }) => row.kind === 'post' && !reversed.has(row.postingKey));
  if (effective.length > 1) return fail(1, `${what}: ${effective.length} effective lines`);
  const [line] = effective;
  if (someOwed || line === undefined || want === undefined) return;
  const { content } = line.row;
  if (content.projectCode !== want.projectCode || content.workDate !== want.workDate)
    fail(1, `${what}: stands on ${content.projectCode}, ${content.workDate}, released for ${want.projectCode}, ${want.workDate}`);
};

const isOwed = (row: StoredPosting, standing: ReadonlyMap<string, Standing>): boolean =>
  ['pending', 'rejected', 'sending'].includes(row.state) || (row.state === 'unknown' && !standing.has(row.postingKey));

const PERSONS_MATTER = new Set(['duplicate', 'differs', 'no-look-up']);

const checkNothingWaits = (world: World, cases: OpenCases, failures: Failure[]): void => {
  const fail = (text: string): void => void failures.push({ invariant: 4, text });
  const { targets, postings, documents } = world.tables;
  for (const target of targets.all()) {
    // A line that a person must bring on first: its outcome is unknown, or it reverses itself once it is booked.
    const stuck = postings.where(
      (row) =>
        row.entryId === target.entryId &&
        row.destination === target.destination &&
        (row.state === 'unknown' || row.state === 'rejected' || row.blockedReason !== null),
    );
    if (target.planning === 'dirty' || (target.planning === 'waiting' && stuck.length === 0))
      fail(`entry ${short(target.entryId.slice(-8))} for ${target.destination} is still ${target.planning}`);
  }
  for (const row of postings.all()) {
    const hasCase = cases.lines.has(row.postingKey);
    if (row.state === 'rejected' && row.content.projectCode !== 'BAD')
      failures.push({ invariant: 9, text: `line ${short(row.postingKey)} is rejected, and nothing is wrong with it` });
    const held = row.state === 'rejected' || (row.state === 'pending' && row.blockedReason !== null);
    if (held !== hasCase) fail(`line ${short(row.postingKey)} is ${row.state} and has ${hasCase ? 'a' : 'no'} case`);
    if (['pending', 'sending', 'posted'].includes(row.state) && !held)
      fail(
        `line ${short(row.postingKey)} is still ${row.state}${row.documentKey === null ? '' : `, in document ${short(row.documentKey)}`}`,
      );
  }
  for (const row of documents.all()) {
    const hasCase = cases.documents.has(row.documentKey);
    if ((row.state === 'unknown') !== hasCase)
      fail(`document ${short(row.documentKey)} is ${row.state} and has ${hasCase ? 'a' : 'no'} case`);
    // People have looked: what is still unknown now, nobody could bring on.
    if (['frozen', 'sending', 'queued', 'posted', 'unknown'].includes(row.state))
      fail(`document ${short(row.documentKey)} is still ${row.state}${row.unknownWhy === null ? '' : ` (${row.unknownWhy})`}`);
  }
};

/** Nothing is left to do but by people. */
export const isSettled = (world: World): boolean => {
  const { targets, postings, documents } = world.tables;
  for (const row of documents.all()) {
    if (
      row.state === 'unknown'
        ? !PERSONS_MATTER.has(row.unknownWhy ?? '')
        : ['frozen', 'sending', 'queued', 'posted'].includes(row.state)
    )
      return false;
  }
  for (const row of postings.all()) if (row.state === 'pending' && (row.blockedReason === null || row.recheck)) return false;
  for (const row of targets.all()) if (row.planning === 'dirty') return false;
  return true;
};

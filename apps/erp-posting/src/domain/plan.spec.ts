import { addDecimals, entryIdOf, sameDecimal } from '@tieout/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LedgerLine, LineContent, NewLine, Target } from './ledger.js';
import { effectiveLines, plan } from './plan.js';
import { isBooked, isInFlight, stepPosting, type PostingEvent, type PostingState } from './posting-states.js';

const A: LineContent = {
  legalEntityId: 'US01',
  workerCode: 'E1',
  workerType: 'employee',
  projectCode: 'P1',
  workDate: '2026-11-02',
  hours: '8',
  amount: '400',
  currency: 'USD',
  billable: true,
};
const B: LineContent = { ...A, hours: '6', amount: '300' };
const C: LineContent = { ...A, projectCode: 'P2' };
const entryId = entryIdOf('psa', 'T-1');
const target = (releaseNo: number, content: LineContent | null): Target => ({ entryId, destination: 'erp', releaseNo, content });

/** The ledger of one entry, moved by plans and outcomes. */
class Entry {
  lines: LedgerLine[] = [];
  plan(to: Target): readonly NewLine[] | 'wait' {
    const decision = plan(to, this.lines);
    if (decision.kind === 'wait') return 'wait';
    const cancelled = new Set(decision.cancel);
    this.lines = this.lines.map((line) => (cancelled.has(line) ? { ...line, state: stepPosting(line.state, 'cancel')! } : line));
    for (const line of decision.emit) this.lines.push({ ...line, state: 'pending', committed: false });
    return decision.emit;
  }
  move(event: PostingEvent, which: (line: LedgerLine) => boolean = () => true): void {
    this.lines = this.lines.map((line) => {
      const next = which(line) ? stepPosting(line.state, event) : undefined;
      return next === undefined ? line : { ...line, state: next, postingPeriod: '2026-11' };
    });
  }
  post(): void {
    this.move('send');
    this.move('accept');
  }
  states(): PostingState[] {
    return this.lines.map((line) => line.state);
  }
}

describe('plan', () => {
  it('a first release is one line', () => {
    const entry = new Entry();
    const emitted = entry.plan(target(1, A));
    expect(emitted).toMatchObject([{ releaseNo: 1, kind: 'post', origin: 'original', content: A }]);
    expect(entry.plan(target(1, A))).toEqual([]);
  });

  it('an unsent line that is replaced is cancelled', () => {
    const entry = new Entry();
    entry.plan(target(1, A));
    entry.plan(target(2, B));
    expect(entry.lines.map((line) => [line.releaseNo, line.state])).toEqual([
      [1, 'cancelled'],
      [2, 'pending'],
    ]);
  });

  it('a posted line is corrected by its negated copy and a new line', () => {
    const entry = new Entry();
    entry.plan(target(1, A));
    entry.post();
    const [reversal, post] = entry.plan(target(2, B)) as NewLine[];
    expect(reversal).toMatchObject({
      kind: 'reversal',
      reverses: entry.lines[0]!.postingKey,
      origin: 'correction',
      anchorPeriod: '2026-11',
    });
    expect(reversal!.content).toEqual({ ...A, hours: '-8', amount: '-400' });
    expect(post).toMatchObject({ kind: 'post', origin: 'correction', content: B });
  });

  it('emits nothing while a line is on its way, or will be sent again as it is', () => {
    for (const state of ['sending', 'unknown'] as const) {
      const entry = new Entry();
      entry.plan(target(1, A));
      entry.lines = entry.lines.map((line) => ({ ...line, state }));
      expect(entry.plan(target(2, B))).toBe('wait');
    }
    const entry = new Entry();
    entry.plan(target(1, A));
    entry.lines = entry.lines.map((line) => ({ ...line, committed: true }));
    expect(entry.plan(target(2, null))).toBe('wait');
  });

  it('a release identical to the line that stands emits nothing', () => {
    const entry = new Entry();
    entry.plan(target(1, A));
    entry.post();
    expect(entry.plan(target(2, { ...A }))).toEqual([]);
    expect(entry.states()).toEqual(['posted']);
  });

  it('a change back to the first content nets to nothing', () => {
    const entry = new Entry();
    entry.plan(target(1, A));
    entry.post();
    entry.plan(target(2, B));
    expect(entry.plan(target(3, A))).toEqual([]);
    expect(entry.states()).toEqual(['posted', 'cancelled', 'cancelled']);
    // And away again: the second reversal of the same line has a key of its own.
    expect(entry.plan(target(4, C))).toHaveLength(2);
    expect(new Set(entry.lines.map((line) => line.postingKey)).size).toBe(entry.lines.length);
  });

  it('withdrawn: the unsent is cancelled, the posted reversed', () => {
    const unsent = new Entry();
    unsent.plan(target(1, A));
    unsent.plan(target(2, null));
    expect(unsent.states()).toEqual(['cancelled']);
    const posted = new Entry();
    posted.plan(target(1, A));
    posted.post();
    expect(posted.plan(target(2, null))).toMatchObject([{ kind: 'reversal', releaseNo: 2 }]);
    posted.post();
    expect(effectiveLines(posted.lines)).toEqual([]);
  });

  it('a rejected line that is replaced is cancelled; an identical release leaves it to be retried', () => {
    const entry = new Entry();
    entry.plan(target(1, A));
    entry.move('send');
    entry.move('refuse');
    expect(entry.plan(target(2, A))).toEqual([]);
    expect(entry.states()).toEqual(['rejected']);
    expect(entry.plan(target(3, B))).toHaveLength(1);
    expect(entry.states()).toEqual(['cancelled', 'pending']);
  });

  it('a reversal that was rejected is still the one that is owed', () => {
    const entry = new Entry();
    entry.plan(target(1, A));
    entry.post();
    entry.plan(target(2, B));
    entry.move('send');
    entry.move('refuse', (line) => line.kind === 'reversal');
    entry.move('accept');
    const emitted = entry.plan(target(3, C)) as NewLine[];
    expect(emitted.map((line) => [line.kind, line.reverses])).toEqual([
      ['reversal', entry.lines.find((line) => line.releaseNo === 2 && line.kind === 'post')!.postingKey],
      ['post', undefined],
    ]);
  });
});

type Command = { do: 'release'; content: LineContent | null } | { do: 'plan' } | { do: PostingEvent; odd: boolean };

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('release' as const), content: fc.constantFrom(A, B, C, null) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('plan' as const) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom<PostingEvent>('send', 'accept', 'refuse', 'lose', 'return', 'confirm', 'doubt', 'retry'),
      odd: fc.boolean(),
    }),
  },
);

/** Ends everything well: what is under way comes to rest, refusals are retried. */
const heal = (entry: Entry, latest: Target): void => {
  for (let round = 0; round < 6; round++) {
    entry.move('accept');
    entry.move('retry');
    entry.plan(latest);
    entry.post();
  }
};

describe('plan and step, in any order', () => {
  it('keeps keys unique, never cancels what may be booked, and ends with the latest release standing alone', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 40 }), (commands) => {
        const entry = new Entry();
        let latest: Target | undefined;
        for (const step of commands) {
          if (step.do === 'release') latest = target((latest?.releaseNo ?? 0) + 1, step.content);
          else if (step.do !== 'plan') {
            // Lines travel in different documents: only every second one moves.
            let n = 0;
            entry.move((step as { do: PostingEvent }).do, () => !(step as { odd: boolean }).odd || n++ % 2 === 0);
          } else if (latest !== undefined) {
            const waited = entry.plan(latest) === 'wait';
            expect(waited).toBe(entry.lines.some((line) => isInFlight(line.state)));
            if (!waited) {
              const reversing = new Set(
                entry.lines
                  .filter((line) => line.kind === 'reversal' && ['pending', 'rejected'].includes(line.state))
                  .map((line) => line.reverses),
              );
              const unreversed = effectiveLines(entry.lines).filter((line) => !reversing.has(line.postingKey));
              const owed = entry.lines.filter((line) => line.kind === 'post' && ['pending', 'rejected'].includes(line.state));
              // Invariant 1 on the way: at most one line stands or is owed without a reversal owed against it.
              expect(unreversed.length + owed.length).toBe(latest.content === null ? 0 : 1);
            }
          }
          expect(new Set(entry.lines.map((line) => line.postingKey)).size).toBe(entry.lines.length);
        }
        if (latest === undefined) return;
        heal(entry, latest);
        const standing = effectiveLines(entry.lines);
        // Invariant 1: at most one effective line, and it is the latest release's.
        expect(standing.map((line) => line.content)).toEqual(latest.content === null ? [] : [latest.content]);
        // Invariants 2 and 5: what is booked sums to the latest release.
        const booked = entry.lines.filter((line) => isBooked(line.state));
        expect(sameDecimal(addDecimals(booked.map((line) => line.content.hours)), latest.content?.hours ?? '0')).toBe(true);
        expect(sameDecimal(addDecimals(booked.map((line) => line.content.amount)), latest.content?.amount ?? '0')).toBe(true);
        expect(entry.lines.every((line) => isBooked(line.state) || line.state === 'cancelled')).toBe(true);
        // No line is reversed twice.
        const reversed = booked.flatMap((line) => line.reverses ?? []);
        expect(new Set(reversed).size).toBe(reversed.length);
      }),
      { numRuns: 1_000 },
    );
  });
});

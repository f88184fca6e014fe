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
const target = (releaseNo: number, content: LineContent | null): Target => ({
  entryId,
  destination: 'erp',
  releaseNo,
  wanted: content === null ? [] : [{ leg: 'labour-cost', content }],
});

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

  it('a line whose reversal was booked and that then turned out not to stand is owed, beside what is wanted', () => {
    for (const latest of [A, B, null]) {
      const entry = new Entry();
      entry.plan(target(1, A));
      entry.post();
      entry.plan(target(2, null));
      entry.post();
      const ofFirst = (line: LedgerLine): boolean => line.releaseNo === 1;
      entry.move('doubt', ofFirst);
      expect(entry.plan(target(3, latest))).toBe('wait');
      entry.move('return', ofFirst);
      const emitted = entry.plan(target(3, latest));
      expect(emitted).toMatchObject(latest === null ? [] : [{ kind: 'post', releaseNo: 3, content: latest }]);
      expect(entry.lines.find(ofFirst)!.state).toBe('pending');
      entry.post();
      expect(effectiveLines(entry.lines).map((line) => line.content)).toEqual(latest === null ? [] : [latest]);
    }
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
              expect(unreversed.length + owed.length).toBe(latest.wanted.length);
            }
          }
          expect(new Set(entry.lines.map((line) => line.postingKey)).size).toBe(entry.lines.length);
        }
        if (latest === undefined) return;
        heal(entry, latest);
        const standing = effectiveLines(entry.lines);
        // Invariant 1: at most one effective line, and it is the latest release's.
        expect(standing.map((line) => line.content)).toEqual(latest.wanted.map((line) => line.content));
        // Invariants 2 and 5: what is booked sums to the latest release.
        const booked = entry.lines.filter((line) => isBooked(line.state));
        expect(sameDecimal(addDecimals(booked.map((line) => line.content.hours)), latest.wanted[0]?.content.hours ?? '0')).toBe(
          true,
        );
        expect(sameDecimal(addDecimals(booked.map((line) => line.content.amount)), latest.wanted[0]?.content.amount ?? '0')).toBe(
          true,
        );
        expect(entry.lines.every((line) => isBooked(line.state) || line.state === 'cancelled')).toBe(true);
        // No line is reversed twice.
        const reversed = booked.flatMap((line) => line.reverses ?? []);
        expect(new Set(reversed).size).toBe(reversed.length);
      }),
      { numRuns: 1_000 },
    );
  });
});

const pay = (releaseNo: number, ...wanted: [payCode: string, hours: string, workDate?: string][]): Target => ({
  entryId,
  destination: 'payroll',
  releaseNo,
  wanted: wanted.map(([payCode, hours, workDate = '2026-11-02']) => ({
    leg: `pay:${payCode}` as const,
    content: { ...A, hours, amount: '0', payCode, workDate },
  })),
});

describe('plan by adjustment', () => {
  const adjusting = (to: Target, entry: Entry): readonly NewLine[] => {
    const decision = plan(to, entry.lines, 'adjust');
    if (decision.kind === 'wait') return [];
    const cancelled = new Set(decision.cancel);
    entry.lines = entry.lines.map((line) =>
      cancelled.has(line) ? { ...line, state: stepPosting(line.state, 'cancel')! } : line,
    );
    for (const line of decision.emit) entry.lines.push({ ...line, state: 'pending', committed: false });
    return decision.emit;
  };
  const figures = (lines: readonly NewLine[]) =>
    lines.map((line) => [line.kind, line.leg, line.content.workDate, line.content.hours]);

  it('pays the difference, also when it is negative, and nothing for a change back', () => {
    const entry = new Entry();
    expect(figures(adjusting(pay(1, ['REG', '8']), entry))).toEqual([['post', 'pay:REG', '2026-11-02', '8']]);
    entry.post();
    expect(figures(adjusting(pay(2, ['REG', '6']), entry))).toEqual([['adjustment', 'pay:REG', '2026-11-02', '-2']]);
    adjusting(pay(3, ['REG', '8']), entry);
    expect(entry.states()).toEqual(['posted', 'cancelled']);
    expect(figures(adjusting(pay(4), entry))).toEqual([['adjustment', 'pay:REG', '2026-11-02', '-8']]);
  });
  it('takes from one pay code and day what it gives to the other', () => {
    const entry = new Entry();
    adjusting(pay(1, ['REG', '8']), entry);
    entry.post();
    expect(figures(adjusting(pay(2, ['OT', '8', '2026-11-03']), entry))).toEqual([
      ['post', 'pay:OT', '2026-11-03', '8'],
      ['adjustment', 'pay:REG', '2026-11-02', '-8'],
    ]);
  });
  it('in any order: booked lines end as the latest release per pay code and day, with keys of their own', () => {
    const release = fc.record({
      code: fc.constantFrom('REG', 'OT'),
      hours: fc.constantFrom('0', '4', '8'),
      date: fc.constantFrom('2026-11-02', '2026-11-03'),
    });
    const step = fc.oneof(release, fc.constantFrom<PostingEvent>('send', 'accept', 'refuse', 'lose', 'return', 'retry', 'doubt'));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const entry = new Entry();
        let latest = pay(1);
        for (const next of steps) {
          if (typeof next === 'string') entry.move(next);
          else
            latest = pay(
              latest.releaseNo + 1,
              ...(next.hours === '0' ? [] : [[next.code, next.hours, next.date] as [string, string, string]]),
            );
          adjusting(latest, entry);
          expect(new Set(entry.lines.map((line) => line.postingKey)).size).toBe(entry.lines.length);
        }
        for (let round = 0; round < 6; round++) {
          entry.move('accept');
          entry.move('retry');
          adjusting(latest, entry);
          entry.post();
        }
        const sums = new Map<string, string[]>();
        for (const line of entry.lines.filter((l) => isBooked(l.state))) {
          const key = `${line.leg} ${line.content.workDate}`;
          sums.set(key, [...(sums.get(key) ?? []), line.content.hours]);
        }
        const found = [...sums].map(([key, hours]) => [key, addDecimals(hours)]).filter(([, hours]) => !sameDecimal(hours!, '0'));
        expect(found).toEqual(latest.wanted.map(({ leg, content }) => [`${leg} ${content.workDate}`, content.hours]));
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('a line that reverses itself', () => {
  it('is reversed into the named period once it stands, and never booked again', () => {
    const content: LineContent = { ...A, reverseInto: '2026-12' };
    const accrual: Target = { entryId, destination: 'erp', releaseNo: 1, wanted: [{ leg: 'time-accrual', content }] };
    const entry = new Entry();
    entry.plan(accrual);
    entry.post();
    expect(entry.plan(accrual)).toMatchObject([{ kind: 'reversal', anchorPeriod: '2026-12', content: { hours: '-8' } }]);
    entry.post();
    expect(entry.plan(accrual)).toEqual([]);
    expect(effectiveLines(entry.lines)).toEqual([]);
  });
});

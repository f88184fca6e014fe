import { setTimeout as delay } from 'node:timers/promises';
import { sameDecimal } from '@tieout/model';
import { describe, expect, it } from 'vitest';
import type { ControlReader } from '../control-reader.js';
import { book, patienceMs, postedId } from './booking.js';
import type { SuiteContext } from './context.js';
import { newDocument } from './documents.js';
import { itReadsFaultsTruly } from './faults.js';

export const describeControl = (context: SuiteContext): void => {
  const { connector } = context;
  const open = (): ControlReader => connector.controlReader!(context.config(), context.deps());

  describe('control', () => {
    if (connector.manifest.time)
      it('reads the source: every record of the window, approved or not, with its hours', async () => {
        const fixture = context.fixture('time');
        const approved = await fixture.create({ hours: '6.25', approved: true });
        const draft = await fixture.create({ hours: '2.75', approved: false });
        const evidence = await open().readSource!({ from: fixture.workDate, to: fixture.workDate });
        const of = (id: string) =>
          evidence
            .filter((one) => one.sourceId === id)
            .map((one) => [one.approved, sameDecimal(one.hours, id === approved ? '6.25' : '2.75'), one.workDate]);
        expect(of(approved)).toEqual([[true, true, fixture.workDate]]);
        // A source that never shows unapproved time may leave it out; one that shows it must say so.
        expect([[], [[false, true, fixture.workDate]]]).toContainEqual(of(draft));
      });

    if (connector.manifest.posting)
      it('reads the destination: every line of a document, with its key, sign and period', async () => {
        const fixture = context.fixture('posting');
        const document = newDocument(fixture);
        const target = connector.postingTarget!(context.config(), context.deps());
        const capabilities = context.capabilities();
        postedId(await book(target, document, patienceMs(capabilities)));
        await delay(capabilities.readLagMs);
        const evidence = await open().readDestination!({ from: fixture.openDate, to: fixture.openDate });
        for (const line of document.lines) {
          const found = evidence.filter((one) => one.reference === line.postingKey);
          expect(found).toHaveLength(1);
          expect(found[0]).toMatchObject({
            postingPeriod: fixture.openPeriod,
            postingDate: fixture.openDate,
            currency: fixture.currency,
            workerCode: line.workerCode,
            projectCode: line.projectCode,
          });
          expect(sameDecimal(found[0]!.amount, line.amount) && sameDecimal(found[0]!.hours ?? '0', line.hours)).toBe(true);
        }
      });

    itReadsFaultsTruly(context, (config, deps) => {
      const reader = connector.controlReader!(config, deps);
      const window = { from: '2026-01-01', to: '2026-12-31' };
      return {
        ...(reader.readSource && { readSource: () => reader.readSource!(window) }),
        ...(reader.readDestination && { readDestination: () => reader.readDestination!(window) }),
      };
    });
  });
};

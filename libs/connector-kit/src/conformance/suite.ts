import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigProblem } from '../config.js';
import { SuiteContext } from './context.js';
import { describeControl } from './control.js';
import { describeMasterData } from './master-data.js';
import { describeLedger } from './ledger.js';
import { describePosting } from './posting.js';
import { describeProjects } from './projects.js';
import type { ConformanceSubject } from './subject.js';
import { describeTime } from './time.js';

/** The one suite that runs against every connector. Call it at the top level of `test/conformance.int.spec.ts`. */
export const describeConformance = (subject: ConformanceSubject): void => {
  const { connector } = subject;
  const { manifest } = connector;
  const context = new SuiteContext(connector);

  describe(`conformance of ${manifest.system}${subject.variant === undefined ? '' : `, ${subject.variant}`}`, () => {
    beforeAll(async () => {
      context.vendor = await subject.start();
    });
    afterAll(async () => {
      await context.vendor.stop();
    });

    it('has a factory for every capability it declares, and for no other', () => {
      expect({
        time: connector.timeSource !== undefined,
        masterData: connector.masterDataSource !== undefined,
        posting: connector.postingTarget !== undefined,
        projects: connector.projectTarget !== undefined,
        webhooks: connector.webhookReceiver !== undefined,
      }).toEqual({
        time: manifest.time !== undefined,
        masterData: manifest.masterData !== undefined,
        posting: manifest.posting !== undefined,
        projects: manifest.projects !== undefined,
        webhooks: manifest.time?.webhooks ?? false,
      });
    });

    it('names every missing setting, and never shows a secret', () => {
      const { values, secrets } = context.vendor.settings;
      expect(() => connector.parseConfig({ values: {}, secrets })).toThrow(ConfigProblem);
      const broken = Object.fromEntries(Object.entries(values).map(([name]) => [name, 'hunter2?']));
      let message = '';
      try {
        connector.parseConfig({ values: broken, secrets: new Set(Object.keys(values)) });
      } catch (problem) {
        message = String(problem);
      }
      expect(message).not.toContain('hunter2');
    });

    if (manifest.time) describeTime(context);
    if (manifest.masterData) describeMasterData(context);
    if (manifest.posting) {
      describePosting(context);
      describeLedger(context);
    }
    if (manifest.projects) describeProjects(context);
    if (connector.controlReader) describeControl(context);
  });
};

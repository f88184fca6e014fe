import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Checklist } from './checks/checklist.js';
import type { Scenario } from './scenario/scenario.js';
import type { RealSystems } from './systems/start-systems.js';

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages?: readonly string[];
    }[];
  }[];
}

const settingsFor = ({ redmine, tryton }: RealSystems, scenario: Scenario): Record<string, unknown> => {
  const { calendar, people, projects } = scenario;
  const day = calendar.openDays[0]!;
  const period = day.slice(0, 7);
  return {
    redmine: {
      url: redmine.url,
      key: redmine.key,
      approvalField: redmine.approvalField,
      activityId: redmine.activities[0],
      projectCode: projects[0]!.code,
      workDate: day,
    },
    tryton: {
      url: tryton.url,
      database: tryton.database,
      user: tryton.user,
      password: tryton.password,
      openPeriod: period,
      openDate: day,
      closedPeriod: calendar.closedMonth,
      closedDate: calendar.closedDays[0],
      workerCode: people[0]!.code,
      projectCode: projects[0]!.code,
      account: '6000',
      balancingAccount: '2900',
      codes: {
        worker: people.slice(0, -1).map((person) => person.code),
        'cost-rate': people.slice(0, -1).map((person) => person.code),
        project: projects.map((project) => project.code),
        'legal-entity': ['ERP'],
        'accounting-period': [`ERP/${period}`, `ERP/${calendar.closedMonth}`],
      },
    },
  };
};

const runSuite = (root: string, connector: string, settings: unknown, reportFile: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const config = join(root, 'tools/real-systems/vitest.config.mjs');
    const args = [
      join(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--config',
      config,
      '--root',
      join(root, 'libs/connectors', connector),
      '--reporter=json',
      `--outputFile=${reportFile}`,
    ];
    const child = spawn(process.execPath, args, {
      stdio: 'ignore',
      env: { PATH: process.env['PATH'], [`TIEOUT_REAL_${connector.toUpperCase()}`]: JSON.stringify(settings) },
    });
    child.on('error', reject);
    // Its exit code says no more than the report does.
    child.on('exit', () => resolve());
  });

/** The suite that every connector passes against its fake, against the systems themselves. Leaves its documents and entries behind. */
export const checkConformance = async (
  list: Checklist,
  systems: RealSystems,
  scenario: Scenario,
  o: { readonly root: string; readonly folder: string },
): Promise<void> => {
  for (const [connector, settings] of Object.entries(settingsFor(systems, scenario))) {
    const reportFile = join(o.folder, `conformance-${connector}.json`);
    await runSuite(o.root, connector, settings, reportFile);
    const { testResults } = JSON.parse(readFileSync(reportFile, 'utf8')) as Report;
    const results = testResults.flatMap((file) => file.assertionResults);
    const of = (status: string) => results.filter((result) => result.status === status);
    for (const failed of of('failed'))
      list.check(`conformance: ${failed.fullName}`, false, failed.failureMessages?.[0]?.split('\n')[0] ?? '');
    const passed = of('passed').length;
    list.check(
      `conformance of ${connector} against the real system`,
      passed > 0 && of('failed').length === 0,
      `${passed} passed, ${of('failed').length} failed, ${results.length - passed - of('failed').length} skipped`,
    );
  }
};

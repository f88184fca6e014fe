import { existsSync, readFileSync } from 'node:fs';

/** @typedef {{ passed: number, failed: number, problems: string[] }} Sum */

/**
 * Adds up one vitest JSON report. A test file that could not even be loaded has no tests, and counts as one failure.
 * @param {string} file
 * @returns {Sum}
 */
export function sumReport(file) {
  if (!existsSync(file)) return { passed: 0, failed: 1, problems: [`no report ${file}: its tests did not run`] };
  const report = JSON.parse(readFileSync(file, 'utf8'));
  /** @type {string[]} */
  const problems = [];
  for (const { name, status, message, assertionResults } of report.testResults) {
    const failures = assertionResults.filter((/** @type {{ status: string }} */ test) => test.status === 'failed');
    problems.push(...failures.map((/** @type {{ fullName: string }} */ test) => `${name}: ${test.fullName}`));
    if (status === 'failed' && failures.length === 0) problems.push(`${name}: ${message || 'could not be loaded'}`);
  }
  return { passed: report.numPassedTests, failed: problems.length, problems };
}

/**
 * Adds up several. If the command that ran them failed although no report says so (an error outside any test), that is a failure.
 * @param {readonly string[]} files
 * @param {boolean} commandPassed
 * @returns {Sum}
 */
export function sumReports(files, commandPassed) {
  const sums = files.map(sumReport);
  const total = {
    passed: sums.reduce((n, sum) => n + sum.passed, 0),
    failed: sums.reduce((n, sum) => n + sum.failed, 0),
    problems: sums.flatMap((sum) => sum.problems),
  };
  if (commandPassed || total.failed > 0) return total;
  return { ...total, failed: 1, problems: ['the command failed although every test passed: see its output'] };
}

/**
 * The checks of an end-to-end run, from the last line of its output that reads `N passed, N failed`. It must be there: a run that
 * stops before its checks has shown nothing, whatever its exit code.
 * @param {string} output
 * @param {number} code
 * @returns {Sum}
 */
export function sumOutput(output, code) {
  const [, passed = '0', failed = '1'] = [...output.matchAll(/^(\d+) passed, (\d+) failed$/gm)].at(-1) ?? [];
  const failures = Math.max(Number(failed), code === 0 ? 0 : 1);
  return {
    passed: Number(passed),
    failed: failures,
    problems: failures ? [`end to end: ${failures} failed (exit code ${code}): see above`] : [],
  };
}

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FakeServices, type Answers, type Outcome } from './fake-services.js';

export type Case = readonly [args: string, answers?: Answers, exitCode?: number];

/** "a 'b c'" as a shell would cut it. */
export const words = (line: string): string[] =>
  [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');

/** What only reads asks several services at once. */
const inOrder = (outcome: Outcome): Outcome =>
  outcome.asked.every((line) => line.startsWith('GET ')) ? { ...outcome, asked: [...outcome.asked].sort() } : outcome;

/**
 * Each command line against services that answer so: what they were asked, what is printed for people and for programs, and the exit
 * code. The snapshots are what people see: read them when they change.
 */
export const eachCommand = (group: string, cases: readonly Case[]): void => {
  describe(group, () => {
    let services: FakeServices;
    beforeAll(async () => {
      services = await FakeServices.start();
    });
    afterAll(() => services.stop());

    for (const [line, answers = {}, exitCode = 0] of cases)
      it(`tieout ${line}`, async () => {
        const people = inOrder(await services.tieout(words(line), answers));
        expect(people.code, people.err).toBe(exitCode);
        const programs = inOrder(await services.tieout([...words(line), '--json'], answers));
        expect([programs.code, programs.asked]).toEqual([exitCode, people.asked]);
        expect(services.tokens.every((token) => token === 'Bearer a-token')).toBe(true);
        const json = JSON.stringify(JSON.parse(programs.out || programs.err));
        expect(`${people.asked.join('\n')}\n\n${people.out}${people.err}\n${json}`).toMatchSnapshot();
      });
  });
};

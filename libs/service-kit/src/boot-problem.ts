/** Why a service does not start. Every problem is one line that says what, where and what was expected; no stack, no secret. */
export class BootProblem extends Error {
  constructor(
    readonly problems: readonly string[],
    readonly exitCode: number = EXIT.configuration,
  ) {
    super(problems.join('; '));
    this.name = 'BootProblem';
  }
}

/**
 * As in sysexits.h: a supervisor can tell a configuration that no restart mends from a port that may become free. `policyChanged`: all is
 * well, but connections are opened at the start only; start it again at once.
 */
export const EXIT = { configuration: 78, portTaken: 75, policyChanged: 76 } as const;

/** One thing that is wrong with a request. */
export interface ProblemDetail {
  readonly where: string;
  readonly why: string;
}

/** An answer to a caller as RFC 9457 wants it. Thrown by controllers; everything in it is meant to be read by the caller. */
export class Problem extends Error {
  /** What this kind of problem says beside the standard members. */
  readonly extension: Readonly<Record<string, unknown>> = {};

  constructor(
    readonly status: number,
    /** Stable, kebab-case: what programs decide on. */
    readonly code: string,
    readonly title: string,
    readonly detail: string,
    readonly whatToDo: string,
    readonly errors: readonly ProblemDetail[] = [],
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(`${title}: ${detail}`);
    this.name = 'Problem';
  }
}

export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly whatToDo: string;
  readonly errors?: readonly ProblemDetail[];
  readonly instance?: string;
  readonly traceId?: string;
}

export function problemBody(problem: Problem, instance?: string, traceId?: string): ProblemBody {
  const { status, code, title, detail, whatToDo, errors, extension } = problem;
  return {
    ...extension,
    type: `urn:tieout:problem:${code}`,
    title,
    status,
    detail,
    code,
    whatToDo,
    ...(errors.length === 0 ? {} : { errors }),
    ...(instance === undefined ? {} : { instance }),
    ...(traceId === undefined ? {} : { traceId }),
  };
}

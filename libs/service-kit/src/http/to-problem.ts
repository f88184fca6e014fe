import { HttpException } from '@nestjs/common';
import { AnswerProblem } from '@tieout/messaging';
import { isFault, type Fault, type FaultKind } from '@tieout/model';
import { Problem } from './problem.js';

/** How a fault of the world beyond this service looks to a caller. Its message may name other systems' addresses and stays in the log. */
const FAULT_ANSWERS: Readonly<Record<FaultKind, readonly [status: number, title: string, whatToDo: string]>> = {
  RateLimited: [503, 'A system behind this service is at its limit', 'Try again after the time in Retry-After.'],
  Unavailable: [503, 'Something this service needs is away', 'Try again in a moment; GET /health/ready says what is away.'],
  CredentialsRejected: [
    502,
    'A system behind this service refused our credentials',
    'Ask the operators: a case is open for the connection.',
  ],
  ContractBroken: [
    502,
    'A system behind this service answered something unexpected',
    'Ask the operators and give them the trace id.',
  ],
  OutcomeUnknown: [504, 'The outcome is not known yet', 'Do not repeat the request blindly: look first whether it took effect.'],
};

const FIXES: Readonly<Record<number, string>> = {
  400: 'Correct the request; GET /openapi.json describes it.',
  404: 'Check the path and the id; GET /openapi.json lists the paths.',
  405: 'GET /openapi.json lists the methods.',
  413: 'Send less at once: at most 1 MB.',
  415: 'Send application/json.',
  429: 'Slow down and try again.',
};

const TITLES: Readonly<Record<number, string>> = {
  400: 'The request is wrong',
  401: 'Not signed in',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  413: 'Too large',
  415: 'Unsupported media type',
  429: 'Too many requests',
};

const fromStatus = (status: number, detail: string): Problem =>
  new Problem(
    status,
    `http-${status}`,
    TITLES[status] ?? 'The request failed',
    detail,
    FIXES[status] ?? 'GET /openapi.json describes the API.',
  );

function fromFault(fault: Fault): Problem {
  const [status, title, whatToDo] = FAULT_ANSWERS[fault.kind];
  const code = fault.kind.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
  const seconds = Math.ceil((fault.retryAfterMs ?? 1000) / 1000);
  return new Problem(status, code, title, `${title}.`, whatToDo, [], status === 503 ? { 'retry-after': String(seconds) } : {});
}

/** Fastify's refusals (body too large, not JSON, ..) carry a status and are safe to show below 500. */
function clientStatusOf(error: unknown): number | undefined {
  const { statusCode } = error as { statusCode?: unknown };
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500 ? statusCode : undefined;
}

/** Another service's no is ours, word for word: whoever asked us can do what it says. */
class PassedOn extends Problem {
  override readonly extension;
  constructor({ status, title, detail, code, body }: AnswerProblem) {
    const { type: _type, title: _title, status: _status, detail: _detail, code: _code, whatToDo, instance: _instance, traceId: _traceId, errors: _errors, ...extension } = body; // prettier-ignore
    super(
      status,
      code ?? `http-${status}`,
      title,
      detail,
      typeof whatToDo === 'string' ? whatToDo : (FIXES[status] ?? 'Ask the operators and give them the trace id.'),
    );
    this.extension = extension;
  }
}

export interface Translated {
  readonly problem: Problem;
  /** Whether it says something about us rather than about the request, and belongs into the log. */
  readonly log: 'no' | 'fault' | 'bug';
}

/** What a caller is told about anything that was thrown. Never a stack, a message of a bug, or a value that might be secret. */
export function toProblem(error: unknown): Translated {
  if (error instanceof Problem) return { problem: error, log: 'no' };
  if (error instanceof AnswerProblem && error.status < 500) return { problem: new PassedOn(error), log: 'no' };
  if (isFault(error)) return { problem: fromFault(error), log: 'fault' };
  if (error instanceof HttpException && error.getStatus() < 500)
    return { problem: fromStatus(error.getStatus(), error.message), log: 'no' };
  const status = clientStatusOf(error);
  if (status !== undefined) return { problem: fromStatus(status, (error as Error).message), log: 'no' };
  const detail = 'The service met a condition that it does not know.';
  return {
    problem: new Problem(500, 'internal', 'Internal error', detail, 'Report it with the trace id; it is in the log.'),
    log: 'bug',
  };
}

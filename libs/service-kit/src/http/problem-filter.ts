import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { NatsContext } from '@nestjs/microservices';
import { currentTraceId } from '@tieout/telemetry';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { throwError, type Observable } from 'rxjs';
import { problemBody } from './problem.js';
import { toProblem } from './to-problem.js';

/** The one place where what was thrown becomes an answer, over HTTP and over NATS request/reply. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): Observable<never> | void {
    if (host.getType() === 'http') return this.#overHttp(error, host);
    // The event consumer decides by the kind of fault between ack, delay and dead letter: it needs the fault itself.
    if (!(host.switchToRpc().getContext<unknown>() instanceof NatsContext)) return throwError(() => error);
    return throwError(() => problemBody(this.#translate(error), undefined, currentTraceId()));
  }

  #overHttp(error: unknown, host: ArgumentsHost): void {
    const problem = this.#translate(error);
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const [path] = host.switchToHttp().getRequest<FastifyRequest>().url.split('?');
    if (reply.sent) return;
    void reply
      .status(problem.status)
      .headers(problem.headers)
      .header('content-type', 'application/problem+json')
      .send(JSON.stringify(problemBody(problem, path, currentTraceId())));
  }

  #translate(error: unknown) {
    const { problem, log } = toProblem(error);
    if (log === 'bug') this.logger.error({ err: error }, 'a request met a bug');
    else if (log === 'fault') this.logger.warn({ err: error }, 'a request met a fault');
    return problem;
  }
}

import { SetMetadata, type CallHandler, type CustomDecorator, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Observable } from 'rxjs';

export interface Deprecation {
  /** Calendar date, UTC: since when it should not be used any more. */
  readonly since: string;
  /** Calendar date, UTC: the last day on which it answers for certain. */
  readonly until: string;
  /** Path or URL of what to use instead. */
  readonly instead: string;
  /** Where the change is explained. */
  readonly info?: string;
}

const DEPRECATED_KEY = 'tieout:deprecated';
const DAY_MS = 86_400_000;

/** A controller or handler that ends: it works as before, and every answer says until when and what to use instead. */
export const Deprecated = (deprecation: Deprecation): CustomDecorator => SetMetadata(DEPRECATED_KEY, deprecation);

/** RFC 9745 (Deprecation), RFC 8594 (Sunset), RFC 8288 (Link). @throws Error at a date that is none */
export const deprecationHeaders = ({ since, until, instead, info }: Deprecation): Record<string, string> => {
  const links = [`<${instead}>; rel="successor-version"`, ...(info === undefined ? [] : [`<${info}>; rel="deprecation"`])];
  return {
    deprecation: `@${midnight(since) / 1000}`,
    // Sunset is the moment from which it may be gone: the end of its last day.
    sunset: new Date(midnight(until) + DAY_MS).toUTCString(),
    link: links.join(', '),
  };
};

const midnight = (date: string): number => {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(ms)) throw new Error(`a deprecation has the date "${date}"; expected one such as 2026-11-30`);
  return ms;
};

/** Puts the headers onto every answer of what is deprecated, errors too, and logs once per handler that it is still used. */
export class DeprecationInterceptor implements NestInterceptor {
  readonly #said = new Set<unknown>();

  constructor(
    private readonly reflector: Reflector,
    private readonly logger: Logger,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() !== 'http') return next.handle();
    const handler = context.getHandler();
    const deprecation = this.reflector.getAllAndOverride<Deprecation | undefined>(DEPRECATED_KEY, [handler, context.getClass()]);
    if (deprecation !== undefined) {
      void context.switchToHttp().getResponse<FastifyReply>().headers(deprecationHeaders(deprecation));
      if (!this.#said.has(handler)) {
        this.#said.add(handler);
        const { method, routeOptions } = context.switchToHttp().getRequest<FastifyRequest>();
        this.logger.warn(
          `${method} ${routeOptions.url} is still used; it ends after ${deprecation.until}: ${deprecation.instead}`,
        );
      }
    }
    return next.handle();
  }
}

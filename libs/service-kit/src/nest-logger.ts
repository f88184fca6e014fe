import type { LoggerService } from '@nestjs/common';
import type { Logger } from 'pino';

/** Nest telling which modules and routes it sets up: hundreds of lines that say nothing to an operator. */
const SETTING_UP = new Set([
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestApplication',
  'NestMicroservice',
]);

/** Lines written through Nest's Logger, in the service's log. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}
  log(message: unknown, ...rest: unknown[]): void {
    const fields = fieldsOf(rest);
    if (SETTING_UP.has(fields.context ?? '')) this.logger.debug(fields, String(message));
    else this.logger.info(fields, String(message));
  }
  warn(message: unknown, ...rest: unknown[]): void {
    this.logger.warn(fieldsOf(rest), String(message));
  }
  error(message: unknown, ...rest: unknown[]): void {
    if (message instanceof Error) this.logger.error({ ...fieldsOf(rest), err: message }, message.message);
    else this.logger.error(fieldsOf(rest), typeof message === 'object' ? JSON.stringify(message) : String(message));
  }
  debug(message: unknown, ...rest: unknown[]): void {
    this.logger.debug(fieldsOf(rest), String(message));
  }
  verbose(message: unknown, ...rest: unknown[]): void {
    this.logger.trace(fieldsOf(rest), String(message));
  }
}

/** Nest passes [stack,] context after the message. */
function fieldsOf(rest: readonly unknown[]): { context?: string; stack?: string } {
  const texts = rest.filter((value): value is string => typeof value === 'string');
  const context = texts.at(-1);
  const stack = texts.length > 1 ? texts[0] : undefined;
  return { ...(context === undefined ? {} : { context }), ...(stack === undefined ? {} : { stack }) };
}

import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { currentTraceparent, inSpan } from '@tieout/telemetry';
import { from, lastValueFrom, type Observable } from 'rxjs';

/** A span per HTTP handler below the server span, which knows only the method. */
export class SpanInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() !== 'http' || currentTraceparent() === undefined) return next.handle();
    const name = `${context.getClass().name}.${context.getHandler().name}`;
    return from(inSpan(name, {}, () => lastValueFrom(next.handle(), { defaultValue: undefined })));
  }
}

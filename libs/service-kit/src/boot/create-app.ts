import helmet from '@fastify/helmet';
import { type DynamicModule, type Type } from '@nestjs/common';
import { NestFactory, Reflector } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { JetStreamStrategy } from '@tieout/messaging';
import type { ServiceConfig } from '../config.js';
import { auditControllerFor } from '../audit-controller.js';
import { BootProblem, EXIT } from '../boot-problem.js';
import { HealthController } from '../http/health.controller.js';
import { PolicyController } from '../http/policy.controller.js';
import { DeprecationInterceptor } from '../http/deprecation.js';
import { JwtGuard } from '../http/jwt-guard.js';
import { ProblemFilter } from '../http/problem-filter.js';
import { SpanInterceptor } from '../http/span-interceptor.js';
import { TokenVerifier } from '../http/token-verifier.js';
import { createValidationPipe } from '../http/validation.js';
import { NestLogger } from '../nest-logger.js';
import { portTakenMessage } from '../port-holder.js';
import type { Readiness } from '../readiness.js';
import { RuntimeModule, type ServiceRuntime } from '../runtime.js';
import { AnswersStrategy } from './answers-strategy.js';
import { receiptsControllerFor } from './receipts.controller.js';

const BODY_LIMIT_BYTES = 1_048_576;
// Longer than any answer takes, shorter than a slow sender could hold a socket.
const REQUEST_TIMEOUT_MS = 30_000;

class ServiceModule {}

const serviceModule = (runtime: ServiceRuntime, readiness: Readiness, app: DynamicModule | Type): DynamicModule => ({
  module: ServiceModule,
  imports: [RuntimeModule.of(runtime, readiness), app],
  controllers: [HealthController, PolicyController, receiptsControllerFor(runtime.context), auditControllerFor(runtime.context)],
});

export interface App {
  readonly nest: NestFastifyApplication;
  /** Takes no more requests and messages; resolves when those in hand are done. */
  close(): Promise<void>;
}

/** The Nest application, with HTTP and both message transports wired but nothing listening yet. */
export async function createApp(
  runtime: ServiceRuntime,
  readiness: Readiness,
  config: ServiceConfig,
  module: (runtime: ServiceRuntime) => DynamicModule | Type,
): Promise<App> {
  const app = await NestFactory.create<NestFastifyApplication>(
    serviceModule(runtime, readiness, module(runtime)),
    new FastifyAdapter({ bodyLimit: BODY_LIMIT_BYTES, requestTimeout: REQUEST_TIMEOUT_MS, forceCloseConnections: 'idle' }),
    { logger: new NestLogger(runtime.logger), rawBody: true, abortOnError: false },
  );
  const tokens = new TokenVerifier({ issuer: config.oidcIssuer, audience: config.oidcAudience });
  void tokens.warmUp().then((why) => {
    if (why !== undefined)
      runtime.logger.warn(`identity provider ${config.oidcIssuer}: ${why}; requests get 401 until it answers`);
  });
  app.useGlobalGuards(new JwtGuard(app.get(Reflector), tokens));
  app.useGlobalPipes(createValidationPipe());
  app.useGlobalInterceptors(new SpanInterceptor(), new DeprecationInterceptor(app.get(Reflector), runtime.logger));
  app.useGlobalFilters(new ProblemFilter(runtime.logger));
  await app.register(helmet);
  describeApi(app, runtime.name);
  const events = new JetStreamStrategy({ link: runtime.link, service: runtime.name, clock: runtime.clock });
  const answers = new AnswersStrategy(runtime.link, runtime.name);
  for (const strategy of [events, answers]) app.connectMicroservice({ strategy }, { inheritAppConfig: true });
  return { nest: app, close: () => closeApp(app, [events, answers]) };
}

/** Nest closes HTTP first and the transports after it; here neither waits for the other. */
async function closeApp(app: NestFastifyApplication, transports: readonly { close(): Promise<void> }[]): Promise<void> {
  const server = app.getHttpServer();
  // A connection that carried a request when the server closed stays open as "keep-alive" and would hold the stop for a minute.
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  try {
    await Promise.all([app.close(), ...transports.map((transport) => transport.close())]);
  } finally {
    clearInterval(idle);
  }
}

/** Built when first asked for: most replicas are never asked, and boot is not the time to load it. */
function describeApi(app: NestFastifyApplication, name: string): void {
  let document: unknown;
  app
    .getHttpAdapter()
    .getInstance()
    .get('/openapi.json', async () => {
      const { DocumentBuilder, SwaggerModule } = await import('@nestjs/swagger');
      const about = new DocumentBuilder()
        .setTitle(`Tieout ${name}`)
        .setVersion('1')
        .addBearerAuth()
        .addSecurityRequirements('bearer')
        .build();
      return (document ??= SwaggerModule.createDocument(app, about));
    });
}

/** @throws BootProblem naming the port and, where it can be known, who has it. */
export async function listen(app: NestFastifyApplication, { httpHost, httpPort }: ServiceConfig): Promise<string> {
  try {
    await app.listen(httpPort, httpHost);
    return await app.getUrl();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') throw new BootProblem([portTakenMessage(httpHost, httpPort)], EXIT.portTaken);
    if (code === 'EACCES') throw new BootProblem([`HTTP_PORT is ${httpPort}: expected a port that this user may listen on`]);
    if (code === 'EADDRNOTAVAIL') throw new BootProblem([`HTTP_HOST is "${httpHost}": expected an address of this machine`]);
    throw error;
  }
}

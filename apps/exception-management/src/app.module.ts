import type { DynamicModule } from '@nestjs/common';
import { FEEDS } from '@tieout/model';
import type { ServiceRuntime } from '@tieout/service-kit';
import { EntryCasesController } from './adapters/http/entry-cases.controller.js';
import { CasesController } from './adapters/http/cases.controller.js';
import { feedSignalsConsumer } from './adapters/nats/feed-signals.consumer.js';
import { QuestionsController } from './adapters/nats/questions.controller.js';
import { SignalsConsumer } from './adapters/nats/signals.consumer.js';
import { OpenCases } from './use-cases/open-cases.js';
import { RetryCase } from './use-cases/retry-case.js';
import { TakeMasterChanges } from './use-cases/take-master-changes.js';
import { TakeSignals } from './use-cases/take-signals.js';

class AppModule {}

/** Composition only. */
export const appModule = (runtime: ServiceRuntime): DynamicModule => ({
  module: AppModule,
  controllers: [CasesController, EntryCasesController, SignalsConsumer, ...FEEDS.map(feedSignalsConsumer), QuestionsController],
  providers: [
    { provide: TakeSignals, useValue: new TakeSignals(runtime) },
    { provide: TakeMasterChanges, useValue: new TakeMasterChanges(runtime) },
    { provide: RetryCase, useValue: new RetryCase(runtime) },
    { provide: OpenCases, useValue: new OpenCases(runtime) },
  ],
});

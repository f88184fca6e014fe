import type { DynamicModule } from '@nestjs/common';
import type { ServiceRuntime } from '@tieout/service-kit';

class AppModule {}

/** Composition only. */
export const appModule = (_runtime: ServiceRuntime): DynamicModule => ({ module: AppModule });

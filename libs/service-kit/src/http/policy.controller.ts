import { Controller, Get, Inject } from '@nestjs/common';
import { RUNTIME, type ServiceRuntime } from '../runtime.js';

/** Which policy this replica decides by, and what it thinks of the last one that it was offered. */
@Controller('policy')
export class PolicyController {
  constructor(@Inject(RUNTIME) private readonly runtime: ServiceRuntime) {}

  @Get()
  policy() {
    const { policy, environment } = this.runtime;
    return {
      environment,
      digest: policy.current().digest,
      ...policy.origin,
      ...(policy.refused !== undefined && { refused: policy.refused }),
    };
  }
}

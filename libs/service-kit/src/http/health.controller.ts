import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { READINESS, RUNTIME, type ServiceRuntime } from '../runtime.js';
import type { Readiness, ReadinessReport } from '../readiness.js';
import type { PolicyHolder } from '../policy/policy-holder.js';
import { Public } from './access.js';

interface PolicySummary {
  readonly digest: string;
  readonly revision?: number;
  /** The last good one is in force. GET /policy says why the other is not. */
  readonly refused?: true;
}

const summaryOf = (policy: PolicyHolder): PolicySummary => ({
  digest: policy.current().digest,
  ...(policy.origin.revision !== undefined && { revision: policy.origin.revision }),
  ...(policy.refused !== undefined && { refused: true }),
});

@Public()
@Controller('health')
export class HealthController {
  constructor(
    @Inject(RUNTIME) private readonly runtime: ServiceRuntime,
    @Inject(READINESS) private readonly readiness: Readiness,
  ) {}

  /** The process runs. Never asks anything else: a restart mends no database. */
  @Get('live')
  live(): { status: string; service: string; instance: string } {
    return { status: 'live', service: this.runtime.name, instance: this.runtime.instanceId };
  }

  @Get('ready')
  async ready(
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<{ status: string; service: string; policy: PolicySummary } & Pick<ReadinessReport, 'checks'>> {
    const { ready, checks } = await this.readiness.report();
    void reply.status(ready ? 200 : 503);
    return { status: ready ? 'ready' : 'not-ready', service: this.runtime.name, policy: summaryOf(this.runtime.policy), checks };
  }
}

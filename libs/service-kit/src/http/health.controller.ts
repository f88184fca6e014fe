import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { READINESS, RUNTIME, type ServiceRuntime } from '../runtime.js';
import type { Readiness, ReadinessReport } from '../readiness.js';
import { Public } from './access.js';

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
  ): Promise<{ status: string; service: string } & Pick<ReadinessReport, 'checks'>> {
    const { ready, checks } = await this.readiness.report();
    void reply.status(ready ? 200 : 503);
    return { status: ready ? 'ready' : 'not-ready', service: this.runtime.name, checks };
  }
}

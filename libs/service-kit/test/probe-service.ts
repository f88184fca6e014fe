import { Controller, Get, Inject, Module } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { EVENT_TYPES, RetryPostingsV1 } from '@tieout/contracts';
import { OnEvents, type ReceivedEvent } from '@tieout/messaging';
import { Fault } from '@tieout/model';
import { recordReceipts } from '@tieout/persistence';
import { currentTraceId } from '@tieout/telemetry';
import { ActorOf, Public, RUNTIME, type Actor, type ServiceDefinition, type ServiceRuntime } from '../src/index.js';

/** Takes an event, answers questions, serves HTTP: a service in small. */
@Controller()
class ProbeController {
  constructor(@Inject(RUNTIME) private readonly runtime: ServiceRuntime) {}

  @OnEvents(EVENT_TYPES.connectionRecovered)
  async onRecovered(events: ReceivedEvent[]): Promise<void> {
    await this.runtime.database.transaction((tx) => recordReceipts(tx, events));
  }

  @MessagePattern<string>('qry.probe.trace.v1')
  trace(): { traceId: string | null } {
    return { traceId: currentTraceId() ?? null };
  }

  @MessagePattern<string>('cmd.probe.retry.v1')
  retry(@Payload() command: RetryPostingsV1): { actor: string } {
    return { actor: command.actor };
  }

  @MessagePattern<string>('qry.probe.away.v1')
  away(): void {
    throw new Fault('Unavailable', 'http://erp.internal is away');
  }

  @Public()
  @Get('slow')
  async slow(): Promise<object> {
    await this.runtime.database.query('select pg_sleep(0.3)');
    return { done: true };
  }

  @Get('who')
  who(@ActorOf() actor: Actor): object {
    return { actor };
  }
}

@Module({ controllers: [ProbeController] })
class ProbeModule {}

export const PROBE: ServiceDefinition = { name: 'probe', context: 'exception', migrations: [], module: () => ProbeModule };

import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsLink } from './link.js';

/** Messages that a durable (see durableName) has not acknowledged yet, delivered or not. Infinity while it does not exist. */
export async function pendingOf(link: NatsLink, stream: string, durable: string): Promise<number> {
  try {
    const manager = await jetstreamManager(link.nc, { checkAPI: false });
    const { num_pending, num_ack_pending } = await manager.consumers.info(stream, durable);
    return num_pending + num_ack_pending;
  } catch {
    return Infinity;
  }
}

import type { StreamName } from '@tieout/contracts';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsLink } from './link.js';

/** The last message per subject of a stream: small facts that must outlive a process. */
export class LastMessages {
  constructor(
    private readonly link: NatsLink,
    private readonly stream: StreamName,
  ) {}

  /** @returns its body; undefined when there is none, or the server cannot be asked */
  async read(subject: string): Promise<unknown> {
    try {
      const manager = await jetstreamManager(this.link.nc, { checkAPI: false });
      const message = await manager.streams.getMessage(this.stream, { last_by_subj: subject });
      return message === null ? undefined : (JSON.parse(new TextDecoder().decode(message.data)) as unknown);
    } catch {
      return undefined;
    }
  }

  async write(subject: string, body: unknown): Promise<void> {
    await jetstream(this.link.nc).publish(subject, JSON.stringify(body));
  }
}

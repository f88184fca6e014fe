import { pendingOf } from '@tieout/messaging';
import { MasterReadModel } from '@tieout/persistence';
import type { ServiceRuntime } from '@tieout/service-kit';

/**
 * Assessment waits until the master read model has caught up once: otherwise the first minute of a new deployment would hold everything
 * and heal it again.
 */
export class MasterGate {
  readonly #master = new MasterReadModel();
  #opened = false;
  constructor(private readonly runtime: ServiceRuntime) {}

  async open(): Promise<boolean> {
    if (!this.#opened) this.#opened = (await this.#master.count(this.runtime.database)) > 0 && (await this.#caughtUp());
    return this.#opened;
  }

  async #caughtUp(): Promise<boolean> {
    const pending = await pendingOf(this.runtime.link, 'MASTER', `${this.runtime.name}--master-object-changed`);
    return pending === 0;
  }
}

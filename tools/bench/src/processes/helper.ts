import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { ROOT, type ProcessSettings } from '../config.js';
import type { Reply } from './commands.js';

interface Waiting {
  resolve(): void;
  reject(error: Error): void;
}

/** A process of the bench's own, so that publisher, relay and consumer share no event loop, as in a deployment. */
export class Helper {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #calls = 0;

  private constructor(
    private readonly name: string,
    settings: ProcessSettings,
  ) {
    this.#child = fork(join(ROOT, `tools/bench/dist/${name}.js`), [JSON.stringify(settings)]);
    this.#child.on('message', ({ id, failure }: Reply) => {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (failure === undefined) waiting?.resolve();
      else waiting?.reject(new Error(`${name}: ${failure}`));
    });
    this.#child.once('exit', (code) => {
      for (const waiting of this.#waiting.values()) waiting.reject(new Error(`${name} ended with ${code}`));
    });
  }

  static async start(name: string, settings: ProcessSettings): Promise<Helper> {
    const helper = new Helper(name, settings);
    // Its first message, numbered 0, says that it is up.
    await helper.#reply(0);
    return helper;
  }

  /** Resolves when the process has done it. @throws Error with what failed there. */
  call(command: string, argument = 0): Promise<void> {
    const id = ++this.#calls;
    this.#child.send({ id, name: command, argument });
    return this.#reply(id);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.disconnect();
    await ended;
  }

  #reply(id: number): Promise<void> {
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }
}

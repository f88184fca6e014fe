import { mkdir } from 'node:fs/promises';
import { basename } from 'node:path';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, headers as natsHeaders } from '@nats-io/transport-node';
import { startNats, type RunningNats } from '@tieout/local-servers';
import { copyTree, emptyFolder } from './copy-tree.js';

const NOT_IN_A_COPY = new Set(['tieout-owner.json', 'tieout-server.log']);

/** nats-server on one folder and one port, which can be restarted and lose what it held. */
export class NatsServer {
  private constructor(
    private readonly options: { readonly storeDir: string; readonly port: number },
    private server: RunningNats,
  ) {}

  static async start(options: { readonly storeDir: string; readonly port: number }): Promise<NatsServer> {
    return new NatsServer(options, await startNats(options));
  }
  get url(): string {
    return this.server.url;
  }
  async stop(): Promise<void> {
    await this.server.stop();
  }
  async restart(between: () => Promise<unknown> = async () => undefined): Promise<void> {
    await this.server.stop();
    await between();
    this.server = await startNats(this.options);
  }
  /** Streams and consumers as they are on disk now: `folder` is made anew. The server is away meanwhile. */
  async copyStore(folder: string): Promise<void> {
    await mkdir(folder, { recursive: true });
    await emptyFolder(folder);
    await this.restart(() => copyTree(this.options.storeDir, folder, (path) => NOT_IN_A_COPY.has(basename(path))));
  }
  /** Every message since the copy is lost, and what consumers acknowledged since is forgotten. */
  async restoreStore(folder: string): Promise<void> {
    await this.restart(async () => {
      await emptyFolder(this.options.storeDir);
      await copyTree(folder, this.options.storeDir);
    });
  }
  /** As anybody could who reaches the server. */
  async say(subject: string, headers: Readonly<Record<string, string>>, body: unknown): Promise<void> {
    const connection = await connect({ servers: this.url });
    try {
      const all = natsHeaders();
      for (const [name, value] of Object.entries(headers)) all.set(name, value);
      await jetstream(connection).publish(subject, JSON.stringify(body), { headers: all });
    } finally {
      await connection.close();
    }
  }
  /** The stream with its messages and its consumers. */
  async deleteStream(name: string): Promise<void> {
    const connection = await connect({ servers: this.url });
    try {
      const manager = await jetstreamManager(connection);
      await manager.streams.delete(name);
    } finally {
      await connection.close();
    }
  }
}

import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { CUTS, CutPlan, type Cut, type Effect, type PassingRequest } from './cut-plan.js';
import { HttpMessage } from './http-message.js';

export interface CutCounts {
  readonly requests: number;
  readonly cut: Readonly<Record<Cut, number>>;
}

const noCounts = (): { requests: number; cut: Record<Cut, number> } => ({
  requests: 0,
  cut: Object.fromEntries(CUTS.map((cut) => [cut, 0])) as Record<Cut, number>,
});

export const cutsOf = ({ cut }: CutCounts): number => CUTS.reduce((sum, name) => sum + cut[name], 0);

/** Stands between Tieout and a system on TCP, and cuts connections as the plan says. Calm at first. */
export class CuttingProxy {
  readonly counts: Readonly<Record<Effect, CutCounts>>;
  readonly #counts = { writing: noCounts(), reading: noCounts() };
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  readonly #target: URL;
  #cutting = false;

  constructor(
    targetUrl: string,
    private readonly plan: CutPlan,
    /** What a request's body says of it. */
    private readonly read: (body: string) => PassingRequest,
  ) {
    this.counts = this.#counts;
    this.#target = new URL(targetUrl);
    this.#server = createServer((client) => this.#serve(client));
  }

  /** @returns the address to speak to instead. */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }
  stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
  cut(): void {
    this.#cutting = true;
  }
  calm(): void {
    this.#cutting = false;
  }

  #serve(client: Socket): void {
    const system = connect({ host: this.#target.hostname, port: Number(this.#target.port) });
    for (const [socket, other] of [
      [client, system],
      [system, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      // What was cut, or ended, ends by an error as often as not: the caller on the other side shows what it makes of that.
      socket.on('error', () => other.destroy());
      socket.once('close', () => this.#sockets.delete(socket));
    }
    let request = new HttpMessage();
    let answer: HttpMessage | undefined;
    let cut: Cut | undefined;
    client.on('data', (chunk: Buffer) => {
      request.push(chunk);
      if (!request.whole) return;
      const { bytes, body } = request;
      request = new HttpMessage();
      cut = this.#decide(body);
      answer = cut === 'mid-answer' ? new HttpMessage() : undefined;
      if (cut === 'before-sent') this.#drop(client, system);
      else system.write(bytes, () => cut === 'sent' && this.#drop(client));
    });
    system.on('data', (chunk: Buffer) => {
      if (cut === 'sent') return;
      if (cut === 'executed') this.#drop(client, system);
      else if (answer === undefined) client.write(chunk);
      else {
        answer.push(chunk);
        const { half } = answer;
        if (half) client.end(half, () => client.destroy());
      }
    });
    client.on('end', () => system.end());
    system.on('end', () => client.end());
  }

  /** The system's side stays open after `sent`: it goes on with the request as if nothing had happened. */
  #drop(client: Socket, system?: Socket): void {
    client.resetAndDestroy();
    system?.destroy();
  }

  #decide(body: string): Cut | undefined {
    const passing = this.read(body);
    const counts = this.#counts[passing.effect];
    counts.requests += 1;
    const cut = this.#cutting ? this.plan.next(passing) : undefined;
    if (cut !== undefined) counts.cut[cut] += 1;
    return cut;
  }
}

import { generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@tieout/clock';
import { EVENT_TYPES, eventSubject, type PolicyActivatedV1 } from '@tieout/contracts';
import { ensureStreams, EventPublisher, NatsLink } from '@tieout/messaging';
import { compilePolicy } from '@tieout/policy';
import { signed } from '@tieout/signing';
import { readBundleTexts } from '../src/index.js';

export const BUNDLE = join(import.meta.dirname, '../../../deploy/governance/demo');

type Texts = Readonly<Record<string, string>>;
export type Edit = (texts: Record<string, string>) => void;

/** Another bundle than that of POLICY_DIR, the same connections. */
export const otherSlas: Edit = (texts) => {
  texts['slas.yaml'] = texts['slas.yaml']!.replaceAll('PT4H', 'PT3H');
};
/** Another bundle that changes a connection. */
export const otherConnections: Edit = (texts) => {
  texts['connections.yaml'] = texts['connections.yaml']!.replace(/pollEverySeconds: \d+/, 'pollEverySeconds: 77');
};

export const textsOf = (edit: Edit = () => undefined): Texts => {
  const texts = { ...readBundleTexts(BUNDLE) };
  edit(texts);
  return texts;
};

export const digestOf = (texts: Texts): string => {
  const result = compilePolicy(texts);
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join('; '));
  return result.policy.digest;
};

/** What governance does, as far as services see it: signs activations and says them on the stream. */
export class TestGovernance {
  readonly #folder = mkdtempSync(join(tmpdir(), 'tieout-governance-'));
  readonly keys = generateKeyPairSync('ed25519');
  readonly keysFile = join(this.#folder, 'governance.pem');
  readonly #publisher: EventPublisher;

  private constructor(
    readonly environment: string,
    private readonly link: NatsLink,
  ) {
    this.#publisher = new EventPublisher(link);
    writeFileSync(this.keysFile, this.keys.publicKey.export({ type: 'spki', format: 'pem' }));
  }

  /** In an environment of its own: tests share one NATS. */
  static async start(natsUrl: string): Promise<TestGovernance> {
    const link = new NatsLink({ servers: natsUrl, name: 'test-governance' });
    await link.connect();
    await ensureStreams(link);
    return new TestGovernance(`test-${randomUUID().slice(0, 8)}`, link);
  }

  activation(
    revision: number,
    edit?: Edit,
    more: Partial<PolicyActivatedV1> = {},
  ): Omit<PolicyActivatedV1, 'keyId' | 'signature'> {
    const texts = textsOf(edit);
    return {
      environment: this.environment,
      revision,
      bundleId: randomUUID(),
      digest: more.digest ?? digestOf(texts),
      files: Object.entries(texts).map(([name, text]) => ({ name, text })),
      activatedAt: systemClock.now(),
      activatedBy: 'user:ana-architect',
      ...more,
    };
  }

  signed(statement: ReturnType<TestGovernance['activation']>, key: KeyObject = this.keys.privateKey): PolicyActivatedV1 {
    return { ...statement, ...signed('policy-activation', statement, key) };
  }

  /** @throws Error when NATS does not take it */
  async say(body: object, environment = this.environment): Promise<void> {
    const type = EVENT_TYPES.policyActivated;
    const event = {
      eventId: randomUUID(),
      emission: 1,
      type,
      subject: eventSubject(type, environment),
      producer: 'governance' as const,
      time: systemClock.now(),
      bucket: 1,
      body,
    };
    const [outcome] = await this.#publisher.publish([event]);
    if (!outcome?.ok) throw new Error(outcome?.message);
  }

  async activate(revision: number, edit?: Edit): Promise<PolicyActivatedV1> {
    const activation = this.signed(this.activation(revision, edit));
    await this.say(activation);
    return activation;
  }

  async stop(): Promise<void> {
    await this.link.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

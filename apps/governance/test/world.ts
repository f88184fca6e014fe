import { generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EVENT_TYPES, eventSubject, type EventType, type PolicyActivatedV1 } from '@tieout/contracts';
import { migrate } from '@tieout/persistence';
import { APPROVER_ROLES, type Role } from '@tieout/policy';
import { readBundleTexts, startService, type RunningService } from '@tieout/service-kit';
import { eventually, testDatabase, testIssuer, testNats, type TestDatabase, type TestIssuer } from '@tieout/testing';
import { expect } from 'vitest';
import { GOVERNANCE_MIGRATIONS } from '../src/adapters/postgres/migrations/index.js';
import { appModule } from '../src/app.module.js';

export const DEMO = join(import.meta.dirname, '../../../deploy/governance/demo');

/** Who is who in the firm. */
export const PEOPLE = {
  ana: ['enterprise-architecture'],
  eve: ['enterprise-architecture'],
  finn: ['finance'],
  fay: ['finance'],
  pia: ['platform'],
  paul: ['platform'],
  sam: ['service-operations'],
  sue: ['service-operations'],
  olga: ['operator'],
  otto: ['operator'],
  audrey: ['auditor'],
} as const;
export type Name = keyof typeof PEOPLE;

export interface Answer {
  readonly status: number;
  // Tests say what they expect of it with toMatchObject.
  readonly body: Record<string, unknown> & { bundleId: string; digest: string; code?: string; revision: number };
}

export type Files = { name: string; text: string }[];

const migrated = (url: string): Promise<string[]> => migrate({ url, migrations: GOVERNANCE_MIGRATIONS });

/** The demo bundle, with other texts in it. */
export const filesWith = (...edits: readonly (readonly [file: string, from: string | RegExp, to: string])[]): Files => {
  const texts = { ...readBundleTexts(DEMO) };
  for (const [file, from, to] of edits) {
    const edited = texts[file]!.replace(from, to);
    if (edited === texts[file]) throw new Error(`nothing to change in ${file}: ${String(from)}`);
    texts[file] = edited;
  }
  return Object.entries(texts).map(([name, text]) => ({ name, text }));
};

/** A change of validation alone: service operations approve it. */
export const otherLimit = (hours: number): Files =>
  filesWith(['validation.yaml', /^hoursPerEntry:.*$/m, `hoursPerEntry: { min: 0.01, max: ${hours} }`]);

/** Governance as it runs: its database, an environment and keys of its own, and people with tokens. */
export class World {
  readonly keys = generateKeyPairSync('ed25519');
  readonly #folder = mkdtempSync(join(tmpdir(), 'tieout-governance-'));
  readonly services: RunningService[] = [];

  private constructor(
    readonly environment: string,
    readonly database: TestDatabase,
    readonly issuer: TestIssuer,
    readonly natsUrl: string,
  ) {
    writeFileSync(this.file('private.pem'), this.keys.privateKey.export({ type: 'pkcs8', format: 'pem' }));
    writeFileSync(this.file('public.pem'), this.keys.publicKey.export({ type: 'spki', format: 'pem' }));
  }

  static async create(environment = `env-${randomUUID().slice(0, 8)}`): Promise<World> {
    const nats = await testNats();
    const [database, issuer] = await Promise.all([testDatabase(migrated), testIssuer()]);
    return new World(environment, database, issuer, nats.url);
  }

  static async start(env: Record<string, string> = {}): Promise<World> {
    const world = await World.create();
    await world.startService(env);
    return world;
  }

  file(name: string): string {
    return join(this.#folder, name);
  }

  env(more: Record<string, string> = {}): Record<string, string> {
    return {
      DATABASE_URL: this.database.url,
      NATS_URL: this.natsUrl,
      OIDC_ISSUER: this.issuer.issuer,
      HTTP_PORT: '0',
      POLICY_DIR: DEMO,
      LOG_LEVEL: 'silent',
      ENVIRONMENT: this.environment,
      SIGNING_KEY_FILE: this.file('private.pem'),
      GOVERNANCE_PUBLIC_KEYS: this.file('public.pem'),
      CHECKPOINT_DIR: this.file('checkpoints'),
      ...more,
    };
  }

  async startService(more: Record<string, string> = {}): Promise<RunningService> {
    const service = await startService(
      { name: 'governance', context: 'governance', module: appModule, migrations: GOVERNANCE_MIGRATIONS },
      this.env(more),
    );
    this.services.push(service);
    await eventually(async () => expect((await fetch(`${service.url}/health/ready`)).status).toBe(200), 30_000);
    return service;
  }

  /** The first replica. */
  get service(): RunningService {
    return this.services[0]!;
  }

  async stop(): Promise<void> {
    await Promise.all(this.services.map((service) => service.stop()));
    await Promise.all([this.issuer.stop(), this.database.drop()]);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Asks as one of the people, with a real token. */
  async as(name: Name, method: 'GET' | 'POST', path: string, body?: object): Promise<Answer> {
    return this.call(await this.issuer.token({ subject: name, roles: PEOPLE[name] }), method, path, body);
  }

  async call(token: string | undefined, method: 'GET' | 'POST', path: string, body?: object, at = this.service): Promise<Answer> {
    const response = await fetch(`${at.url}${path}`, {
      method,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Answer['body'] };
  }

  async draft(name: Name, files: Files): Promise<Answer['body']> {
    const { status, body } = await this.as(name, 'POST', '/policy/bundles', { files });
    expect([status, body['problems']]).toEqual([201, []]);
    return body;
  }

  async proposed(name: Name, files: Files, more: object = {}): Promise<Answer['body']> {
    const { bundleId } = await this.draft(name, files);
    const { status, body } = await this.as(name, 'POST', `/policy/bundles/${bundleId}/propose`, {
      why: 'a better rule',
      ...more,
    });
    expect([status, body.code]).toEqual([200, undefined]);
    return body;
  }

  approve(name: Name, { bundleId, digest }: Answer['body'], more: object = {}): Promise<Answer> {
    return this.as(name, 'POST', `/policy/bundles/${bundleId}/approve`, { digest, ...more });
  }

  activate(name: Name, { bundleId }: Answer['body'], more: object = {}): Promise<Answer> {
    return this.as(name, 'POST', `/policy/bundles/${bundleId}/activate`, more);
  }

  /** Proposed by Ana, approved by these, activated by Pia. */
  async makeActive(files: Files, ...approvers: Name[]): Promise<Answer['body']> {
    const bundle = await this.proposed('ana', files);
    for (const name of approvers) expect((await this.approve(name, bundle)).status).toBe(200);
    const { status, body } = await this.activate('pia', bundle);
    expect([status, body.code]).toEqual([200, undefined]);
    return body;
  }

  /** What services see now: the last message of the stream. */
  async onStream(): Promise<PolicyActivatedV1 | undefined> {
    const subject = eventSubject(EVENT_TYPES.policyActivated, this.environment);
    return (await this.service.runtime.publisher.lastOf('GOVERNANCE', subject))?.body as PolicyActivatedV1 | undefined;
  }

  revisionOnStream(revision: number, withinMs = 15_000): Promise<PolicyActivatedV1> {
    return eventually(async () => {
      const message = await this.onStream();
      expect(message?.revision).toBe(revision);
      return message!;
    }, withinMs);
  }

  /** What the outbox holds of a type. */
  async said<T>(type: EventType): Promise<T[]> {
    const rows = await this.service.runtime.database.query<{ body: T }>('select body from outbox where type = $1 order by id', [
      type,
    ]);
    return rows.map(({ body }) => body);
  }

  async audited(action: string): Promise<Record<string, unknown>[]> {
    return this.service.runtime.database.query('select * from audit_record where action = $1 order by at', [action]);
  }
}

export const otherKey = (): KeyObject => generateKeyPairSync('ed25519').publicKey;

/** A token of all roles at once, for those who must be refused for another reason. */
export const EVERY_ROLE: readonly Role[] = APPROVER_ROLES;

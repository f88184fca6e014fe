import { cpSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { questionSubject, type ProgressAnswerV1 } from '@tieout/contracts';
import type { MasterKind, MasterObject } from '@tieout/model';
import { migrate } from '@tieout/persistence';
import { startService, type RunningService } from '@tieout/service-kit';
import { eventually, testDatabase, testIssuer, testNats } from '@tieout/testing';
import { expect } from 'vitest';
import { MIGRATIONS } from '../src/adapters/postgres/migrations/index.js';
import { appModule } from '../src/app.module.js';
import { FakeSystem } from './fake-system.js';

const KINDS: readonly MasterKind[] = ['legal-entity', 'worker', 'client', 'project', 'task', 'assignment'];

const CONNECTIONS = `connections:
  hr: { system: fake-hr, roles: [master-data], pollEverySeconds: 3600, kinds: [legal-entity, worker] }
  psa: { system: fake-psa, roles: [master-data], pollEverySeconds: 3600, kinds: [client, project, task, assignment] }
  crm: { system: fake-crm, roles: [master-data], pollEverySeconds: 3600, kinds: [worker, client, project] }
  hub: { system: push, roles: [master-data], kinds: [project, worker], settings: { client: hub-client } }
`;
const OWNERS = `systemsOfRecord:
  legal-entity: hr
  worker: hr
  client: psa
  project: { default: psa, attributes: { revenueMethod: crm }, legalEntities: { US01: { default: psa, attributes: { name: hub } } } }
  task: psa
  assignment: psa
`;

/** The demo bundle with systems of ours: hr owns workers, psa projects; crm and hub say things that are not theirs. */
const policyFolder = (owners = OWNERS): string => {
  const folder = mkdtempSync(join(tmpdir(), 'tieout-policy-'));
  cpSync(join(import.meta.dirname, '../../../deploy/governance/demo'), folder, { recursive: true });
  const files = {
    'connections.yaml': CONNECTIONS,
    'systems-of-record.yaml': owners,
    'mappings.yaml': 'mappings: {}\n',
    'routing.yaml': 'routes: { default: [] }\n',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
};

export interface Condition {
  readonly type: 'raised' | 'cleared';
  readonly itemKey: string;
  readonly detail: string | undefined;
  readonly suggestion: string | undefined;
  readonly subjectKey: string | undefined;
}
export interface World {
  readonly hr: FakeSystem;
  readonly psa: FakeSystem;
  readonly crm: FakeSystem;
  readonly service: RunningService;
  rows<R>(sql: string, params?: unknown[]): Promise<R[]>;
  object(kind: MasterKind, code: string): Promise<MasterObject | undefined>;
  /** Synchronises a connection once and waits until it did. */
  sync(...connections: string[]): Promise<void>;
  call(
    method: string,
    path: string,
    body?: unknown,
    as?: { subject?: string; roles: string[]; client?: string },
  ): Promise<Response>;
  bearer(): Promise<string>;
  /** What people were told so far, in order. */
  conditions(): Promise<Condition[]>;
  ask<A>(question: string, body: object): Promise<A>;
  stop(): Promise<void>;
}

/** The real service on real servers, with three systems in memory. `fill` puts in them what they have at the start. */
export const startWorld = async (fill: (systems: Pick<World, 'hr' | 'psa' | 'crm'>) => void, owners?: string): Promise<World> => {
  const [hr, psa, crm] = [new FakeSystem(), new FakeSystem(), new FakeSystem()];
  fill({ hr, psa, crm });
  const connectors = [hr.connector('fake-hr', KINDS), psa.connector('fake-psa', KINDS), crm.connector('fake-crm', KINDS)];
  const [database, issuer, nats] = await Promise.all([
    testDatabase((url) => migrate({ url, migrations: MIGRATIONS })),
    testIssuer(),
    testNats(),
  ]);
  const service = await startService(
    { name: 'master-data-sync', context: 'master', module: appModule(connectors), migrations: MIGRATIONS },
    {
      DATABASE_URL: database.url,
      NATS_URL: nats.url,
      HTTP_PORT: '0',
      OIDC_ISSUER: issuer.issuer,
      POLICY_DIR: policyFolder(owners),
      LOG_LEVEL: 'silent',
    },
  );
  const rows = <R>(sql: string, params: unknown[] = []) => service.runtime.database.query<R>(sql, params);
  const call: World['call'] = async (method, path, body, { subject = 'olga', roles, client } = { roles: ['operator'] }) => {
    const token = await issuer.token(
      client === undefined ? { subject, roles } : { subject: client, roles, claims: { client_id: client } },
    );
    const headers: Record<string, string> = { authorization: `Bearer ${token}` };
    if (body !== undefined) headers['content-type'] = 'application/json';
    return fetch(`${service.url}${path}`, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
  };
  const attemptOf = async (connection: string) =>
    (await rows<{ at: string }>('select last_attempt_at as at from connection_state where connection = $1', [connection]))[0]?.at;
  await eventually(async () => {
    const answer = await service.runtime.questions.ask<ProgressAnswerV1>(questionSubject('master', 'progress'), {});
    expect(answer.idle).toBe(true);
  }, 30_000);
  return {
    hr,
    psa,
    crm,
    service,
    rows,
    call,
    object: async (kind, code) =>
      (await rows<{ body: MasterObject }>('select body from canonical_object where kind = $1 and code = $2', [kind, code]))[0]
        ?.body,
    sync: async (...connections) => {
      for (const connection of connections) {
        const before = await attemptOf(connection);
        expect((await call('POST', '/sync', { connection })).status).toBe(202);
        await eventually(async () => expect(await attemptOf(connection)).not.toBe(before), 120_000);
      }
    },
    conditions: async () =>
      (
        await rows<{ type: string; body: Condition }>(
          `select type, body from outbox where type like 'control.condition.%' order by id`,
        )
      ).map(({ type, body: { itemKey, detail, suggestion, subjectKey } }) => ({
        type: type === 'control.condition.raised.v1' ? 'raised' : 'cleared',
        ...{ itemKey, detail, suggestion, subjectKey },
      })),
    bearer: async () => `Bearer ${await issuer.token({ roles: ['operator'] })}`,
    ask: (question, body) => service.runtime.questions.ask(question, body),
    stop: async () => {
      await service.stop();
      await Promise.all([issuer.stop(), database.drop()]);
    },
  };
};

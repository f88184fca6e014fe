import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '@tieout/local-servers';
import { eventually, testDatabase, testNats, type TestDatabase } from '@tieout/testing';
import { expect } from 'vitest';
import { run } from '../src/program.js';
import type { Outcome } from './fake-services.js';

const ROOT = join(import.meta.dirname, '../../..');
export const DEMO = join(ROOT, 'deploy/governance/demo');
const built = (path: string): string => join(ROOT, path);

// The tests run on packages' sources; processes run on what is built.
const environment = (env: Record<string, string>) => ({ PATH: process.env['PATH'] ?? '', ...env });
const migrated = (url: string) =>
  promisify(execFile)(process.execPath, [built('apps/governance/dist/migrate.js')], { env: environment({ DATABASE_URL: url }) });

/** Governance as a process of its own, its database, NATS, and a real OpenID provider: what a person at a terminal meets. */
export class RealGovernance {
  readonly folder = mkdtempSync(join(tmpdir(), 'tieout-cli-int-'));
  readonly #processes: ChildProcess[] = [];
  #database: TestDatabase | undefined;

  static async start(): Promise<RealGovernance> {
    const real = new RealGovernance();
    const [database, nats, idpPort, port] = await Promise.all([testDatabase(migrated), testNats(), freePort(), freePort()]);
    real.#database = database;
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    writeFileSync(real.file('private.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
    writeFileSync(real.file('public.pem'), publicKey.export({ type: 'spki', format: 'pem' }));
    const issuer = `http://127.0.0.1:${idpPort}`;
    real.#identityProvider(idpPort);
    real.#spawn('apps/governance/dist/main.js', {
      DATABASE_URL: database.url,
      NATS_URL: nats.url,
      OIDC_ISSUER: issuer,
      HTTP_PORT: String(port),
      POLICY_DIR: DEMO,
      LOG_LEVEL: 'error',
      ENVIRONMENT: 'test',
      SIGNING_KEY_FILE: real.file('private.pem'),
      GOVERNANCE_PUBLIC_KEYS: real.file('public.pem'),
      CHECKPOINT_DIR: real.file('checkpoints'),
    });
    const profile = { environment: 'test', issuer, services: { governance: `http://127.0.0.1:${port}` } };
    const people = ['tieout-cli', 'ana-architect', 'sam-service', 'pia-platform', 'audrey-auditor'];
    mkdirSync(real.file('.tieout/demo'), { recursive: true });
    writeFileSync(
      real.file('.tieout/demo/cli.json'),
      JSON.stringify({ ...profile, clients: people, secretFile: '../../secret.json', publicKeys: '../../public.pem' }),
    );
    await eventually(async () => {
      expect((await fetch(`http://127.0.0.1:${port}/health/ready`)).status).toBe(200);
      expect((await real.tieout('policy', 'active')).code).toBe(0);
    }, 60_000);
    return real;
  }

  file(name: string): string {
    return join(this.folder, name);
  }

  /** One command line, as somebody in this folder types it. */
  async tieout(...args: readonly string[]): Promise<Outcome & { readonly json: <T>() => T }> {
    const said = { out: '', err: '' };
    const code = await run(args, {
      env: {},
      cwd: this.folder,
      out: (text) => void (said.out += text),
      err: (text) => void (said.err += text),
      now: () => new Date(),
      wait: () => Promise.resolve(),
    });
    return { code, ...said, asked: [], json: <T>() => JSON.parse(said.out || said.err) as T };
  }

  async stop(): Promise<void> {
    await Promise.all(
      this.#processes.map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        child.kill('SIGTERM');
        await once(child, 'exit');
      }),
    );
    await this.#database?.drop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #identityProvider(port: number): void {
    const clientSecret = randomBytes(24).toString('base64url');
    writeFileSync(this.file('secret.json'), JSON.stringify({ clientSecret }), { mode: 0o600 });
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const signingKey = { ...privateKey.export({ format: 'jwk' }), kid: 'test', use: 'sig', alg: 'RS256' };
    this.#spawn('tools/local/dist/identity-provider.js', {
      IDP_PORT: String(port),
      IDP_CLIENT_SECRET: clientSecret,
      IDP_SIGNING_KEY: JSON.stringify(signingKey),
    });
  }

  #spawn(script: string, env: Record<string, string>): void {
    this.#processes.push(
      spawn(process.execPath, [built(script)], { env: environment(env), stdio: ['ignore', 'ignore', 'inherit'] }),
    );
  }
}

import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readGovernanceConfig } from './config.js';

let folder: string;
const path = (name: string): string => join(folder, name);
const SECRET = 'not a key but a secret';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'governance-config-'));
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  writeFileSync(path('private.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(path('public.pem'), publicKey.export({ type: 'spki', format: 'pem' }));
  writeFileSync(path('wrong.pem'), SECRET);
});
afterAll(() => rmSync(folder, { recursive: true }));

const problemsOf = (env: Record<string, string>): readonly string[] => {
  try {
    readGovernanceConfig({ CHECKPOINT_DIR: folder, ...env });
    return [];
  } catch (error) {
    return (error as { problems: readonly string[] }).problems;
  }
};

describe('settings of governance', () => {
  it('want a signing key, and public keys where bundles are promoted from somewhere', () => {
    const config = readGovernanceConfig({
      POLICY_DIR: '/policy',
      CHECKPOINT_DIR: folder,
      SIGNING_KEY_FILE: path('private.pem'),
      PROMOTES_FROM: 'test',
      PROMOTION_KEYS: path('public.pem'),
    });
    expect([
      config.signingKey.type,
      config.promotesFrom?.environment,
      config.promotesFrom?.keys.length,
      config.policyDir,
    ]).toEqual(['private', 'test', 1, '/policy']);
    expect(
      readGovernanceConfig({ SIGNING_KEY_FILE: path('private.pem'), CHECKPOINT_DIR: folder, PROMOTES_FROM: '' }).promotesFrom,
    ).toBeUndefined();
  });

  it.each([
    ['no key at all', () => ({ CHECKPOINT_DIR: '' }), ['SIGNING_KEY_FILE is missing', 'CHECKPOINT_DIR is missing']],
    ['a file that is none', () => ({ SIGNING_KEY_FILE: path('wrong.pem') }), ['no private key in PEM']],
    ['a file that is not there', () => ({ SIGNING_KEY_FILE: path('away.pem') }), ['ENOENT']],
    [
      'everything wrong at once',
      () => ({ SIGNING_KEY_FILE: path('wrong.pem'), PROMOTES_FROM: 'test', PROMOTION_KEYS: path('wrong.pem') }),
      ['no private key', 'PROMOTION_KEYS'],
    ],
    [
      'no keys of the environment before',
      () => ({ SIGNING_KEY_FILE: path('private.pem'), PROMOTES_FROM: 'test' }),
      ['PROMOTION_KEYS is missing'],
    ],
  ])('with %s say so, and show no secret', (_what, env, expected) => {
    const problems = problemsOf(env());
    expect(problems).toHaveLength(expected.length);
    expected.forEach((text, i) => expect(problems[i]).toContain(text));
    expect(problems.join()).not.toContain(SECRET);
  });
});

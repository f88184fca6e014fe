import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isFault } from '@tieout/model';
import { afterAll, describe, expect, it } from 'vitest';
import { SecretReader } from './secrets.js';

const folder = mkdtempSync(join(tmpdir(), 'tieout-secrets-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const secrets = new SecretReader({ PSA_KEY: 'from the environment', EMPTY: '' });

const messageOf = (reference: string): string => {
  try {
    return `resolved: ${secrets.resolve(reference)}`;
  } catch (error) {
    return isFault(error, 'CredentialsRejected') ? error.message : `another error: ${String(error)}`;
  }
};

describe('secrets by reference', () => {
  it('come from the environment, from a file, or are literal', () => {
    writeFileSync(join(folder, 'key'), 'from a file\n');
    expect(secrets.resolve('env:PSA_KEY')).toBe('from the environment');
    expect(secrets.resolve(`file:${folder}/key`)).toBe('from a file');
    expect(secrets.resolve('https://psa.example')).toBe('https://psa.example');
  });

  it('are read again when the file was replaced, as a rotation does it', () => {
    const path = join(folder, 'rotated');
    writeFileSync(path, 'old');
    expect(secrets.resolve(`file:${path}`)).toBe('old');
    writeFileSync(`${path}.new`, 'new');
    renameSync(`${path}.new`, path);
    expect(secrets.resolve(`file:${path}`)).toBe('new');
  });

  it('that are missing are named by their reference', () => {
    writeFileSync(join(folder, 'empty'), '\n');
    expect(messageOf('env:HR_KEY')).toBe('reference "env:HR_KEY": the environment variable HR_KEY is not set');
    expect(messageOf('env:EMPTY')).toContain('EMPTY is not set');
    expect(messageOf(`file:${folder}/none`)).toBe(`reference "file:${folder}/none" cannot be read: ENOENT`);
    expect(messageOf(`file:${folder}/empty`)).toContain('it is empty');
  });
});

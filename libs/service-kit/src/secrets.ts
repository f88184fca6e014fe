import { Fault } from '@tieout/model';
import { readFileSync, statSync } from 'node:fs';
import type { Environment } from './config.js';

interface ReadFile {
  readonly stamp: string;
  readonly text: string;
}

/** Resolves `env:NAME` and `file:/path`; anything else is a literal and passes through. */
export class SecretReader {
  readonly #files = new Map<string, ReadFile>();
  constructor(private readonly env: Environment) {}

  /**
   * A file is read again when it has changed, so that a rotated secret needs no restart.
   * @throws Fault CredentialsRejected that names the reference, never a value.
   */
  resolve(reference: string): string {
    if (reference.startsWith('env:')) return this.#fromEnvironment(reference.slice(4));
    if (reference.startsWith('file:')) return this.#fromFile(reference.slice(5));
    return reference;
  }

  #fromEnvironment(name: string): string {
    const value = this.env[name];
    if (value === undefined || value === '')
      throw new Fault('CredentialsRejected', `reference "env:${name}": the environment variable ${name} is not set`);
    return value;
  }

  #fromFile(path: string): string {
    try {
      // Follows links: Kubernetes swaps a link when a secret changes, which changes the inode.
      const { ino, mtimeMs, size } = statSync(path);
      const stamp = `${ino}/${mtimeMs}/${size}`;
      const known = this.#files.get(path);
      if (known?.stamp === stamp) return known.text;
      const text = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
      if (text === '') throw new Error('it is empty');
      this.#files.set(path, { stamp, text });
      return text;
    } catch (cause) {
      const why = (cause as NodeJS.ErrnoException).code ?? (cause as Error).message;
      throw new Fault('CredentialsRejected', `reference "file:${path}" cannot be read: ${why}`, { cause });
    }
  }
}

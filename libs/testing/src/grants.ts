import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { commandDigest, type GrantV1 } from '@tieout/contracts';
import { signed } from '@tieout/signing';

/** What governance signs when a second person agreed: by whoever has the key. */
export class Grants {
  readonly #keys = generateKeyPairSync('ed25519');
  readonly publicKey = this.#keys.publicKey;

  get publicPem(): string {
    return this.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  }

  /** Approved by otto just now, for an hour. @param more what shall be otherwise */
  for(subject: string, command: { readonly actor: string }, more: Partial<GrantV1> = {}): GrantV1 {
    const now = Date.now();
    const statement = {
      requestId: randomUUID(),
      commandDigest: commandDigest(subject, command),
      requestedBy: command.actor,
      approvedBy: 'user:otto',
      approvedAt: new Date(now).toISOString(),
      expiresAt: new Date(now + 3_600_000).toISOString(),
      ...more,
    };
    return { ...statement, ...signed('grant', statement, this.#keys.privateKey) };
  }
}

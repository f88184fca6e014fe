import { createHash, generateKeyPairSync, randomUUID, sign, type KeyObject } from 'node:crypto';
import { commandDigest, type GrantV1 } from '@tieout/contracts';
import { canonicalJson } from '@tieout/model';

const spki = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' });

/** What governance signs when a second person agreed, made by hand: by whoever has the key. */
export class Grants {
  readonly #keys = generateKeyPairSync('ed25519');
  readonly publicKey = this.#keys.publicKey;

  get publicPem(): string {
    return this.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  }

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
    const text = Buffer.from(canonicalJson({ kind: 'grant', statement }));
    const keyId = createHash('sha256').update(spki(this.publicKey)).digest('hex').slice(0, 16);
    return { ...statement, keyId, signature: sign(null, text, this.#keys.privateKey).toString('base64') };
  }
}

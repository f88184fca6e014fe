import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';

/** Which key: the first 16 hex digits of SHA-256 over its public half. A name, no secret. */
export const keyIdOf = (key: KeyObject): string => {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 16);
};

/** @param pem Ed25519, PKCS #8. @throws Error that never shows the key */
export const readPrivateKey = (pem: string): KeyObject => {
  const key = quietly(() => createPrivateKey(pem), 'no private key in PEM (PKCS #8)');
  if (key.asymmetricKeyType !== 'ed25519') throw new Error(`the key is ${key.asymmetricKeyType}; expected ed25519`);
  return key;
};

/** @param pem one or more Ed25519 public keys, one below the other: the old one stays beside the new one until nobody needs it */
export const readPublicKeys = (pem: string): readonly KeyObject[] => {
  const blocks = pem.match(/-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g) ?? [];
  if (blocks.length === 0) throw new Error('no public key in PEM ("-----BEGIN PUBLIC KEY-----")');
  return blocks.map((block) => {
    const key = quietly(() => createPublicKey(block), 'a public key in it cannot be read');
    if (key.asymmetricKeyType !== 'ed25519') throw new Error(`a public key in it is ${key.asymmetricKeyType}; expected ed25519`);
    return key;
  });
};

/** What the crypto library says about a key it cannot read may quote it. */
const quietly = (read: () => KeyObject, problem: string): KeyObject => {
  try {
    return read();
  } catch {
    throw new Error(problem);
  }
};

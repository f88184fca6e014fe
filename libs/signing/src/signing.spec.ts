import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isSignedBy, keyIdOf, readPrivateKey, readPublicKeys, signed } from './index.js';

const pair = () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
};

describe('a signed statement', () => {
  const ours = pair();
  const old = pair();
  const key = readPrivateKey(ours.privatePem);
  const trusted = readPublicKeys(`${old.publicPem}\n${ours.publicPem}`);
  const statement = { digest: 'abc', number: 3 };

  it('is taken from any trusted key, whatever the order of its properties', () => {
    const signature = signed('policy-activation', statement, key);
    expect(signature.keyId).toBe(keyIdOf(key));
    expect(isSignedBy('policy-activation', { number: 3, digest: 'abc' }, signature, trusted)).toBe(true);
  });

  it('is refused when anything in it, its kind or its key is another', () => {
    const signature = signed('policy-activation', statement, key);
    expect(isSignedBy('policy-activation', { ...statement, number: 4 }, signature, trusted)).toBe(false);
    expect(isSignedBy('grant', statement, signature, trusted)).toBe(false);
    expect(isSignedBy('policy-activation', statement, signature, readPublicKeys(old.publicPem))).toBe(false);
    expect(isSignedBy('policy-activation', statement, { ...signature, signature: 'x' }, trusted)).toBe(false);
  });

  it('comes from Ed25519 keys only, and no error shows one', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    expect(() => readPrivateKey(pem)).toThrow('expected ed25519');
    expect(() => readPrivateKey('secret')).toThrow(/^no private key in PEM/);
    expect(() => readPublicKeys('secret')).toThrow(/^no public key in PEM/);
  });
});

import { createHash, createPublicKey, randomUUID, sign, type KeyObject } from 'node:crypto';
import type { Tieout } from '@tieout/local';
import { canonicalJson } from '@tieout/model';

interface Active {
  readonly revision: number;
  readonly bundleId: string;
  readonly digest: string;
  readonly activatedAt: string;
  readonly activatedBy: string;
  readonly files: readonly { readonly name: string; readonly text: string }[];
}

const TYPE = 'governance.policy.activated.v1';

const keyIdOf = (key: KeyObject): string =>
  createHash('sha256')
    .update(createPublicKey(key).export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 16);

/** Says an activation past governance, signed with this key, as somebody could who reaches NATS. */
export const sayActivation = async (
  tieout: Tieout,
  key: KeyObject,
  change: (active: Active) => Partial<Active>,
): Promise<void> => {
  const { environment } = tieout;
  const active = await tieout.call<Active>('governance', 'GET', '/policy/active?files=true');
  const { revision, bundleId, digest, files, activatedBy } = { ...active, ...change(active) };
  const activatedAt = new Date().toISOString();
  const statement = { environment, revision, bundleId, digest, files, activatedAt, activatedBy };
  const text = Buffer.from(canonicalJson({ kind: 'policy-activation', statement }));
  const body = { ...statement, keyId: keyIdOf(key), signature: sign(null, text, key).toString('base64') };
  const headers = {
    'ce-specversion': '1.0',
    'ce-id': randomUUID(),
    'ce-type': TYPE,
    'ce-source': '/tieout/governance',
    'ce-time': activatedAt,
    'ce-tieoutbucket': '1',
    'ce-tieoutproducer': 'governance',
  };
  await tieout.nats.say(`evt.${TYPE}.${environment}`, headers, body);
};

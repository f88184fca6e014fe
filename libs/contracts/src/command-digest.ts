import { createHash } from 'node:crypto';
import { canonicalJson } from '@tieout/model';

/**
 * SHA-256 in hex over what a command asks for: its subject and its properties without `actor` and `grant`. A grant names this digest, so
 * that it counts for the command that a second person saw and for no other.
 */
export const commandDigest = (subject: string, command: object): string => {
  const { actor: _actor, grant: _grant, ...asked } = command as Readonly<Record<string, unknown>>;
  return createHash('sha256')
    .update(canonicalJson({ subject, command: asked }))
    .digest('hex');
};

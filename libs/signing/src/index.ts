export { keyIdOf, readPrivateKey, readPublicKeys } from './keys.js';
export { isSignedBy, signed, type Signature, type StatementKind } from './statement.js';

export { testDatabase, type Migrate, type MigrationClass, type TestDatabase } from './database.js';
export { eventually } from './eventually.js';
export { Grants } from './grants.js';
export { testIssuer, type TestIssuer, type TokenRequest } from './issuer.js';
export { testNats } from './nats.js';

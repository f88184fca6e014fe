export { startPostgres, type PostgresOptions, type RunningPostgres } from './postgres.js';
export { startNats, type NatsOptions, type RunningNats } from './nats.js';
export { ensureNatsServer } from './nats-install.js';
export { endOrphan } from './processes.js';
export { freePort, portHolder, portIsFree, requireFreePort } from './ports.js';

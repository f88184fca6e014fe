export * from './connector.js';
export * from './time-source.js';
export * from './master-data-source.js';
export * from './posting-target.js';
export * from './control-reader.js';
export * from './config.js';
export * from './http-client.js';
export * from './paging.js';

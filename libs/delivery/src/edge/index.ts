export { FeedOperations } from './feed-operations.js';
export { feedParts, type FeedParts } from './feed-module.js';
export { masterDataConsumer } from './master-data.consumer.js';

export { feedParts, type FeedParts } from './feed-module.js';

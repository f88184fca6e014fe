export * from './subject.js';
export { describeConformance } from './suite.js';
export { dimension, fact, load, reversalOf } from './warehouse-sample.js';

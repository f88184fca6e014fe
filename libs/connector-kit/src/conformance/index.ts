export * from './subject.js';
export { describeConformance } from './suite.js';

export * from './compiled-policy.js';
export { compilePolicy, type CompileResult } from './compile-policy.js';
export { postingPeriodFor, type PostingPeriodAnswer, type PostingPeriodQuestion } from './posting-period.js';
export { bundleSchemas } from './bundle/json-schemas.js';

export * from './compiled-policy.js';
export { compilePolicy, type CompileResult } from './compile-policy.js';

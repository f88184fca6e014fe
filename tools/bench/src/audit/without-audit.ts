import { registerHooks } from 'node:module';

/**
 * Loaded into erp-posting with `--import`: audit rows are neither hashed, written nor chained, so that the bench can tell what they cost.
 * Services have no such switch.
 */
const INSTEAD: Readonly<Record<string, string>> = {
  '/libs/persistence/dist/audit.js':
    'export const appendAudit = async () => undefined; export const erasePersonal = async () => 0;',
  '/libs/service-kit/dist/audit-chainer.js':
    'export const auditChainer = () => ({ start: () => undefined, stop: async () => undefined });',
};

registerHooks({
  load: (url, context, next) => {
    const name = Object.keys(INSTEAD).find((end) => url.endsWith(end));
    return name === undefined ? next(url, context) : { format: 'module', shortCircuit: true, source: INSTEAD[name]! };
  },
});

import { fileURLToPath } from 'node:url';
import swc from 'unplugin-swc';
import { defineConfig } from 'vitest/config';

const integration = process.env['TIEOUT_TEST_KIND'] === 'int';

// Nest needs decorator metadata, which esbuild does not emit; swc does.
export default defineConfig({
  plugins: [
    swc.vite({
      tsconfigFile: false,
      jsc: {
        target: 'es2023',
        parser: { syntax: 'typescript', decorators: true },
        transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
        keepClassNames: true,
      },
      module: { type: 'es6' },
    }),
  ],
  resolve: { conditions: ['@tieout/source'] },
  // Vitest hands these to Node as --conditions: 'import' among them would make require() load ES modules.
  ssr: { resolve: { conditions: ['@tieout/source', 'node'], externalConditions: ['@tieout/source', 'node'] } },
  test: {
    environment: 'node',
    include: integration ? ['test/**/*.int.spec.ts'] : ['src/**/*.spec.ts'],
    globalSetup: integration ? [fileURLToPath(new URL('./libs/testing/src/global-setup.ts', import.meta.url))] : [],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    passWithNoTests: true,
  },
});

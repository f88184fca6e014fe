import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';
import importX from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

const floors = (from, forbidden, why) => ({
  files: [`**/src/${from}/**/*.ts`],
  rules: {
    'no-restricted-imports': ['error', { patterns: forbidden.map((group) => ({ group: [group], message: why })) }],
  },
});

export default [
  { ignores: ['**/dist', '**/node_modules', '**/coverage', '**/*.mjs', '**/generated', '.tieout', '.nx', 'vitest.config.ts'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts'],
    plugins: { '@nx': nx, 'import-x': importX },
    settings: {
      'import-x/resolver': { node: { extensions: ['.ts', '.js'] } },
      'import-x/extensions': ['.ts'],
    },
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'import-x/no-cycle': ['error', { maxDepth: 8 }],
      '@nx/enforce-module-boundaries': [
        'error',
        {
          enforceBuildableLibDependency: false,
          allow: [],
          depConstraints: [
            { sourceTag: 'type:model', onlyDependOnLibsWithTags: ['type:model'] },
            { sourceTag: 'type:pure', onlyDependOnLibsWithTags: ['type:model', 'type:pure'] },
            { sourceTag: 'type:contracts', onlyDependOnLibsWithTags: ['type:contracts', 'type:model'] },
            { sourceTag: 'type:platform', onlyDependOnLibsWithTags: ['type:platform', 'type:model', 'type:contracts', 'type:pure'] },
            { sourceTag: 'type:connector-kit', onlyDependOnLibsWithTags: ['type:model', 'type:platform'] },
            { sourceTag: 'type:connector', onlyDependOnLibsWithTags: ['type:connector-kit', 'type:model'] },
            { sourceTag: 'type:connector-registry', onlyDependOnLibsWithTags: ['type:connector', 'type:connector-kit', 'type:model'] },
            {
              sourceTag: 'type:app',
              onlyDependOnLibsWithTags: ['type:platform', 'type:model', 'type:contracts', 'type:pure', 'type:connector-kit', 'type:connector-registry'],
            },
            {
              sourceTag: 'type:tool',
              onlyDependOnLibsWithTags: [
                'type:tool',
                'type:platform',
                'type:model',
                'type:contracts',
                'type:pure',
                'type:connector-kit',
                'type:connector',
                'type:connector-registry',
              ],
            },
          ],
        },
      ],
    },
  },
  // Floors inside an app: domain <- adapters/postgres (concrete stores) <- use-cases <- adapters/nats, adapters/http <- app.module
  floors(
    'domain',
    ['@nestjs/*', 'typeorm', 'pg', '@nats-io/*', '**/adapters/**', '**/use-cases/**', '@tieout/persistence', '@tieout/messaging', '@tieout/service-kit', 'node:*'],
    'domain is pure: true without a computer',
  ),
  floors('adapters/postgres', ['**/use-cases/**', '../http/*', '../nats/*', '@nats-io/*'], 'stores stand on the domain only'),
  floors('use-cases', ['**/adapters/http/**', '**/adapters/nats/**', '@nats-io/*', 'fastify'], 'use cases know nothing of HTTP or NATS'),
  floors('adapters/nats', ['../http/*', '../postgres/*', '**/adapters/http/**', '**/adapters/postgres/**'], 'a consumer calls a use case'),
  floors('adapters/http', ['../nats/*', '**/adapters/nats/**'], 'adapters never import each other (a read may use a store)'),
  prettier,
];

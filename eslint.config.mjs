import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';
import importX, { createNodeResolver } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

// Nx sees an import by name only where the target has `exports`. Apps have none, and must not be reached either.
const appNames = globSync('apps/*/package.json', { cwd: import.meta.dirname }).map(
  (file) => JSON.parse(readFileSync(join(import.meta.dirname, file), 'utf8')).name,
);
const noApps = {
  group: appNames.flatMap((name) => [name, `${name}/**`]),
  message: 'an app never imports another, and nobody imports an app',
};

/** A file gets the options of the last block that matches, so every floor repeats the rule about apps. */
const restricted = (...patterns) => ({
  'no-restricted-imports': ['error', { patterns: appNames.length > 0 ? [noApps, ...patterns] : patterns }],
});
const floors = (from, forbidden, message) => ({
  files: [`**/src/${from}/**/*.ts`],
  rules: restricted({ group: forbidden, message }),
});

export default [
  { ignores: ['**/dist', '**/node_modules', '**/coverage', '**/*.mjs', '**/generated', '.tieout', '.nx', 'vitest.config.ts'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts'],
    plugins: { '@nx': nx, 'import-x': importX },
    settings: {
      // Our imports say .js and mean .ts; packages of ours are read from src. Without both, no-cycle sees nothing.
      'import-x/resolver-next': [
        createNodeResolver({
          extensions: ['.ts', '.js'],
          extensionAlias: { '.js': ['.ts', '.js'] },
          conditionNames: ['@tieout/source', 'import', 'node', 'default'],
        }),
      ],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
      'import-x/extensions': ['.ts'],
    },
    rules: {
      ...restricted(),
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
            {
              sourceTag: 'type:platform',
              onlyDependOnLibsWithTags: ['type:platform', 'type:model', 'type:contracts', 'type:pure'],
            },
            { sourceTag: 'type:connector-kit', onlyDependOnLibsWithTags: ['type:model', 'type:platform'] },
            { sourceTag: 'type:connector', onlyDependOnLibsWithTags: ['type:connector-kit', 'type:model'] },
            {
              sourceTag: 'type:connector-registry',
              onlyDependOnLibsWithTags: ['type:connector', 'type:connector-kit', 'type:model'],
            },
            {
              sourceTag: 'type:engine',
              onlyDependOnLibsWithTags: ['type:connector-kit', 'type:platform', 'type:model', 'type:contracts', 'type:pure'],
            },
            {
              sourceTag: 'type:app',
              onlyDependOnLibsWithTags: [
                'type:engine',
                'type:platform',
                'type:model',
                'type:contracts',
                'type:pure',
                'type:connector-kit',
                'type:connector-registry',
              ],
            },
            {
              sourceTag: 'type:tool',
              onlyDependOnLibsWithTags: [
                'type:tool',
                'type:engine',
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
    [
      '@nestjs/*',
      'typeorm',
      'pg',
      'fastify',
      '@nats-io/*',
      '@opentelemetry/*',
      '**/adapters/**',
      '**/use-cases/**',
      '@tieout/persistence',
      '@tieout/messaging',
      '@tieout/service-kit',
      '@tieout/telemetry',
      'node:*',
    ],
    'domain is pure: true without a computer',
  ),
  floors(
    'adapters/postgres',
    ['**/use-cases/**', '**/http/**', '**/nats/**', '@nats-io/*', 'fastify'],
    'stores stand on the domain only',
  ),
  floors(
    'use-cases',
    ['**/adapters/http/**', '**/adapters/nats/**', '@nats-io/*', 'fastify'],
    'use cases know nothing of HTTP or NATS',
  ),
  floors('adapters/nats', ['**/http/**', '**/postgres/**'], 'a consumer calls a use case'),
  floors('adapters/http', ['**/nats/**'], 'adapters never import each other (a read may use a store)'),
  {
    files: ['libs/delivery/src/engine/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: restricted({
      group: ['**/postgres/**', 'pg', 'typeorm'],
      message: 'the engine knows its store by the port only: the simulation brings another',
    }),
  },
  prettier,
];

import { spawnSync } from 'node:child_process';
import {
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');
const RULES = ['package.json', 'package-lock.json', 'nx.json', 'tsconfig.base.json', 'eslint.config.mjs'];
const PROJECTS = ['apps/*', 'libs/*', 'libs/connectors/*', 'tools/*'].map((folder) => `${folder}/package.json`);

/** What must not be imported, where, and what lint says then. */
const PLANTED: readonly { what: string; files: Record<string, string>; says: RegExp }[] = [
  {
    what: 'an app imports another app by its files',
    files: {
      'apps/erp-posting/src/planted.ts': `export { theirs } from '../../time-ingestion/src/theirs.js';\n`,
      'apps/time-ingestion/src/theirs.ts': `export const theirs = 1;\n`,
    },
    says: /@nx\/enforce-module-boundaries/,
  },
  {
    what: 'an app imports another app by its name',
    files: { 'apps/erp-posting/src/planted.ts': `export { theirs } from '@tieout/time-ingestion';\n` },
    says: /an app never imports another/,
  },
  {
    what: "an app reaches into another app's build",
    files: { 'apps/erp-posting/src/planted.ts': `export { theirs } from '@tieout/time-ingestion/dist/theirs.js';\n` },
    says: /an app never imports another/,
  },
  {
    what: 'a connector imports another connector',
    files: { 'libs/connectors/redmine/src/planted.ts': `export { theirs } from '@tieout/connector-tryton';\n` },
    says: /@nx\/enforce-module-boundaries/,
  },
  {
    what: 'an app imports a connector past the registry',
    files: { 'apps/erp-posting/src/planted.ts': `export { theirs } from '@tieout/connector-tryton';\n` },
    says: /@nx\/enforce-module-boundaries/,
  },
  {
    what: 'the model imports a platform library',
    files: { 'libs/model/src/planted.ts': `export { theirs } from '@tieout/persistence';\n` },
    says: /@nx\/enforce-module-boundaries/,
  },
  {
    what: 'a library imports an app',
    files: {
      'libs/messaging/src/planted.ts': `export { theirs } from '../../../apps/erp-posting/src/theirs.js';\n`,
      'apps/erp-posting/src/theirs.ts': `export const theirs = 1;\n`,
    },
    says: /@nx\/enforce-module-boundaries/,
  },
  {
    what: 'a domain imports a database driver',
    files: { 'apps/erp-posting/src/domain/planted.ts': `export { DataSource } from 'typeorm';\n` },
    says: /domain is pure/,
  },
  {
    what: 'a deeper part of a domain imports Nest',
    files: { 'apps/erp-posting/src/domain/deep/planted.ts': `export { Injectable } from '@nestjs/common';\n` },
    says: /domain is pure/,
  },
  {
    what: 'a domain imports an adapter',
    files: {
      'apps/erp-posting/src/domain/planted.ts': `export { store } from '../adapters/postgres/lines.store.js';\n`,
      'apps/erp-posting/src/adapters/postgres/lines.store.ts': `export const store = 1;\n`,
    },
    says: /domain is pure/,
  },
  {
    what: 'a store imports a use case',
    files: {
      'apps/erp-posting/src/adapters/postgres/planted.ts': `export { verb } from '../../use-cases/verb.js';\n`,
      'apps/erp-posting/src/use-cases/verb.ts': `export const verb = 1;\n`,
    },
    says: /stores stand on the domain only/,
  },
  {
    what: 'a use case imports an HTTP adapter',
    files: {
      'apps/erp-posting/src/use-cases/planted.ts': `export { route } from '../adapters/http/route.js';\n`,
      'apps/erp-posting/src/adapters/http/route.ts': `export const route = 1;\n`,
    },
    says: /use cases know nothing of HTTP/,
  },
  {
    what: 'a consumer imports a store',
    files: {
      'apps/erp-posting/src/adapters/nats/planted.ts': `export { store } from '../postgres/lines.store.js';\n`,
      'apps/erp-posting/src/adapters/postgres/lines.store.ts': `export const store = 1;\n`,
    },
    says: /a consumer calls a use case/,
  },
  {
    what: 'three files import each other in a circle',
    files: {
      'libs/model/src/planted.ts': `import { b } from './b.js';\nexport const a = () => b;\n`,
      'libs/model/src/b.ts': `import { c } from './c.js';\nexport const b = () => c;\n`,
      'libs/model/src/c.ts': `import { a } from './planted.js';\nexport const c = () => a;\n`,
    },
    says: /import-x\/no-cycle/,
  },
];

const ALLOWED: Record<string, string> = {
  'libs/model/src/theirs.ts': `export const theirs = 1;\n`,
  'libs/model/src/planted.ts': `export { theirs } from './theirs.js';\n`,
  'apps/erp-posting/src/domain/planted.ts': `export { theirs } from '@tieout/model';\nexport { rule } from './rule.js';\n`,
  'apps/erp-posting/src/domain/rule.ts': `export const rule = 1;\n`,
  'apps/erp-posting/src/adapters/postgres/lines.store.ts': `export { rule } from '../../domain/rule.js';\n`,
  'apps/erp-posting/src/use-cases/verb.ts': `export { rule } from '../adapters/postgres/lines.store.js';\n`,
  'apps/erp-posting/src/adapters/nats/planted.ts': `export { rule } from '../../use-cases/verb.js';\n`,
};

/**
 * The rules and the packages' names and tags of this checkout, without their code: planting in the checkout itself would break
 * whatever else runs there.
 */
let copy = '';
beforeAll(() => {
  copy = realpathSync(mkdtempSync(join(tmpdir(), 'tieout-boundaries-')));
  for (const file of [...RULES, ...globSync(PROJECTS, { cwd: ROOT })]) cpSync(join(ROOT, file), join(copy, file));
  linkPackages();
  plant(ALLOWED);
  // The boundary rule reads the project graph that Nx keeps.
  run('nx/dist/bin/nx.js', 'show', 'projects');
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** Everything that is installed, but our own packages are the copy's: through the checkout's links they would lie outside the workspace. */
function linkPackages(): void {
  const installed = join(copy, 'node_modules');
  mkdirSync(join(installed, '@tieout'), { recursive: true });
  for (const name of readdirSync(join(ROOT, 'node_modules')))
    if (name !== '@tieout') symlinkSync(join(ROOT, 'node_modules', name), join(installed, name));
  for (const file of globSync(PROJECTS, { cwd: ROOT })) {
    const { name } = JSON.parse(readFileSync(join(ROOT, file), 'utf8')) as { name: string };
    symlinkSync(join(copy, dirname(file)), join(installed, name));
  }
}

function plant(files: Record<string, string>): string[] {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    writeFileSync(join(copy, file), text);
  }
  return Object.keys(files);
}

function run(script: string, ...args: string[]): { status: number | null; output: string } {
  const env = { PATH: '/usr/bin:/bin', HOME: copy, NX_DAEMON: 'false', NX_NO_CLOUD: 'true', NX_ISOLATE_PLUGINS: 'false' };
  const result = spawnSync(process.execPath, [join(ROOT, 'node_modules', script), ...args], { cwd: copy, env, encoding: 'utf8' });
  return { status: result.status, output: result.stdout + result.stderr };
}

describe('the boundaries that lint enforces', () => {
  it('let pass what is allowed', () => {
    const { status, output } = run('eslint/bin/eslint.js', ...Object.keys(ALLOWED));
    expect(output).toBe('');
    expect(status).toBe(0);
  });

  it.each(PLANTED)('stop it when $what', ({ files, says }) => {
    try {
      const { status, output } = run('eslint/bin/eslint.js', ...plant(files));
      expect(output).toMatch(says);
      expect(status).toBe(1);
    } finally {
      for (const file of Object.keys(files)) rmSync(join(copy, file));
      plant(ALLOWED);
    }
  });

  it('know the tag of every package', () => {
    const rules = readFileSync(join(ROOT, 'eslint.config.mjs'), 'utf8');
    const untagged = globSync(PROJECTS, { cwd: ROOT }).filter((file) => {
      const tags: string[] = JSON.parse(readFileSync(join(ROOT, file), 'utf8')).nx?.tags ?? [];
      return !tags.some((tag) => rules.includes(`sourceTag: '${tag}'`));
    });
    expect(untagged).toEqual([]);
  });
});

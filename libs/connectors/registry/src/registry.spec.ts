import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CONNECTORS } from './index.js';
import { renderCapabilities } from './render.js';

const here = join(import.meta.dirname, '..');

describe('registry', () => {
  it('holds every connector folder', () => {
    const folders = readdirSync(join(here, '..')).filter(
      (name) => name !== 'registry' && existsSync(join(here, '..', name, 'src/index.ts')),
    );
    const text = readFileSync(join(here, 'src/index.ts'), 'utf8');
    for (const folder of folders)
      expect(text, 'run: npm run generate -w @tieout/connectors').toContain(`'@tieout/connector-${folder}'`);
  });

  it('names each system once', () => {
    const systems = CONNECTORS.map(({ manifest }) => manifest.system);
    expect(new Set(systems).size).toBe(systems.length);
  });

  it('has an up-to-date capability table', () => {
    const committed = readFileSync(join(here, '../../../docs/capabilities.md'), 'utf8');
    expect(renderCapabilities(CONNECTORS.map(({ manifest }) => manifest)), 'run: npm run generate -w @tieout/connectors').toBe(
      committed,
    );
  });
});

// The connectors' conformance suites against the real systems that e2e:real has started; apart from the ordinary configuration, which must not find them.
export default {
  resolve: { conditions: ['@tieout/source'] },
  ssr: { resolve: { conditions: ['@tieout/source', 'node', 'import', 'default'] } },
  test: {
    environment: 'node',
    include: ['test/**/*.real.spec.ts'],
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
};

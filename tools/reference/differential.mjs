// Runs the differential suite (test/differential/cli.ts says how) without a build.
import './typescript.mjs';

await import('../../test/differential/cli.ts');

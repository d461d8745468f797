// Compares the wire's catalogue with a reference server's OpenAPI document and with the list of reviewed differences.
//
//   node tools/wire/check.mjs <openapi.json> [--all]     exit 1 when a difference is new or a reviewed one is gone
import { readFileSync } from 'node:fs';
import '../reference/typescript.mjs';

const reviewedPath = new URL('../../test/conformance/contract-differences.json', import.meta.url);
const [documentPath, flag] = process.argv.slice(2);
if (!documentPath) {
  console.error('usage: check.mjs <openapi.json> [--all]');
  process.exit(2);
}
const reference = JSON.parse(readFileSync(documentPath, 'utf8'));
const { openApiOf } = await import('../../libs/wire/open-api.ts');
const { compareContracts } = await import('../../libs/wire/compare.ts');
const { operations } = await import('../../libs/wire/operations.ts');

const found = compareContracts(openApiOf(operations), reference);
const reviewed = JSON.parse(readFileSync(reviewedPath, 'utf8'));
const known = new Set(reviewed.flatMap(({ differences }) => differences));
const fresh = found.filter((line) => !known.has(line));
const gone = [...known].filter((line) => !found.includes(line));
if (flag === '--all') for (const line of found) console.log(line);
for (const line of fresh) console.log(`new:  ${line}`);
for (const line of gone) console.log(`gone: ${line}`);
console.log(`${operations.length} operations, ${found.length} differences, ${fresh.length} not reviewed, ${gone.length} reviewed but gone`);
process.exitCode = fresh.length + gone.length === 0 ? 0 : 1;

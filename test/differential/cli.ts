/**
 * The differential suite on the command line:
 *
 *   node tools/reference/differential.mjs --family stacks,tags --ours http://127.0.0.1:8081/w/12345678
 *
 *   --family a,b           default: all                    --list            names the families
 *   --ours URL             default: a second reference     --reference URL   default: a fresh one is started
 *   --username --password  of ours (default: admin / reference-admin-1), or --token
 *   --only TEXT            show only cases whose title contains TEXT (all run: later steps need earlier ones)
 *   --texts                also print where error texts differ         --same     print every case
 *   --failures             print the cases where the reference answers 5xx      --coverage  print the operations no case touched
 */
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { REFERENCE_ADMIN, startReferenceServer } from '../../tools/reference/server.mjs';
import { type CaseResult, compareScenario } from './compare.js';
import { Operations } from './operations.js';
import { scenarios as all } from './scenarios/all.js';
import type { Server } from './side.js';

const { values } = parseArgs({
  options: {
    family: { type: 'string', multiple: true },
    list: { type: 'boolean' },
    ours: { type: 'string' },
    reference: { type: 'string' },
    username: { type: 'string' },
    password: { type: 'string' },
    token: { type: 'string' },
    only: { type: 'string' },
    texts: { type: 'boolean' },
    same: { type: 'boolean' },
    failures: { type: 'boolean' },
    coverage: { type: 'boolean' },
  },
});

const operations = await Operations.load();
if (values.list) {
  console.log(all.map((one) => one.family).join('\n'));
  process.exit(0);
}
const families = new Set(values.family?.flatMap((one) => one.split(',')) ?? all.map((one) => one.family));
const unknown = [...families].filter((family) => !all.some((one) => one.family === family));
if (unknown.length > 0) throw new Error(`no such family: ${unknown.join(', ')} (see --list)`);

const [startedReference, startedOurs] = await Promise.all([
  values.reference ? undefined : startReferenceServer(),
  values.ours ? undefined : startReferenceServer(),
]);
try {
  const reference: Server = { url: values.reference ?? startedReference?.url ?? '', credentials: REFERENCE_ADMIN };
  const ours: Server = {
    url: (values.ours ?? startedOurs?.url ?? '').replace(/\/$/, ''),
    credentials: values.token
      ? { token: values.token }
      : { username: values.username ?? REFERENCE_ADMIN.username, password: values.password ?? REFERENCE_ADMIN.password },
  };
  const results: CaseResult[] = [];
  for (const one of all.filter((candidate) => families.has(candidate.family))) {
    const started = Date.now();
    const found = await compareScenario(one, operations, reference, ours, `z${randomBytes(3).toString('hex')}`);
    results.push(...found);
    print(found);
    const count = (verdict: string) => found.filter((result) => result.verdict === verdict).length;
    console.log(
      `${one.family}: ${found.length} cases, ${count('differs')} differ, ${count('known')} differ as listed (${((Date.now() - started) / 1000).toFixed(1)} s)`,
    );
  }
  summarise(results);
} finally {
  await Promise.all([startedReference?.stop(), startedOurs?.stop()]);
}

function print(found: CaseResult[]): void {
  for (const result of found) {
    if (values.only && !result.title.includes(values.only)) continue;
    const isFailure = values.failures && (result.referenceStatus ?? 0) >= 500;
    if (result.verdict === 'differs' || values.same || isFailure) {
      console.log(
        `\n${result.verdict === 'differs' ? '✗' : '·'} ${result.family} › ${result.title}   [${result.request}, reference ${result.referenceStatus ?? 'not asked'}]`,
      );
      if (result.verdict === 'differs') {
        const request = JSON.stringify(result.outcome.request ?? {});
        if (request !== '{}') console.log(`    sent ${request.slice(0, 400)}`);
        for (const line of result.lines.slice(0, 25)) console.log(`    ${line}`);
        if (result.lines.length > 25) console.log(`    … and ${result.lines.length - 25} more`);
      }
      if (isFailure || (result.verdict === 'differs' && result.texts))
        console.log(`    reference says: ${result.texts?.reference ?? result.outcome.errorText ?? '(no text)'}`.slice(0, 400));
      if (result.verdict === 'differs' && result.texts) console.log(`    ours says:      ${result.texts.ours ?? '(no text)'}`.slice(0, 400));
    } else if (values.texts && result.texts) {
      console.log(`\n~ ${result.family} › ${result.title}\n    reference says: ${result.texts.reference}\n    ours says:      ${result.texts.ours}`);
    }
  }
}

function summarise(results: CaseResult[]): void {
  const touched = new Set(results.map((result) => operations.of(result.outcome.method, result.outcome.path)));
  touched.delete(undefined);
  const differing = results.filter((result) => result.verdict === 'differs').length;
  console.log(`\noperations compared: ${touched.size} of ${operations.all.length}`);
  console.log(`cases compared: ${results.length}`);
  console.log(`cases that differ: ${differing}`);
  console.log(`cases that differ as listed in differences.ts: ${results.filter((result) => result.verdict === 'known').length}`);
  if (values.coverage) for (const operation of operations.all) if (!touched.has(operation)) console.log(`  not touched: ${operation}`);
  process.exitCode = differing === 0 ? 0 : 1;
}

/**
 * Where we answer otherwise than the reference on purpose, each with its reason. A difference that is not listed here is a defect of ours.
 * Most are requests on which the reference fails with 500; none of its clients depends on that.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Outcome } from './side.js';

export type KnownDifference = {
  reason: string;
  matches: (family: string, reference: Outcome, ours: Outcome) => boolean;
};

/** The reference fails (500), we refuse with one of `statuses`. Titles are given whole or as a pattern; a repeated case's number does not count. */
function refuses(reason: string, statuses: number[], titles: Record<string, (string | RegExp)[]>): KnownDifference {
  return {
    reason,
    matches: (family, reference, ours) => {
      if (reference.status !== 500 || !statuses.includes(ours.status)) return false;
      const title = reference.title.replace(/ \(\d+\)$/, '');
      return [...(titles[family] ?? []), ...(titles.every ?? [])].some((one) => (typeof one === 'string' ? one === title : one.test(title)));
    },
  };
}

/** The reference fails (500), we do what was asked for. */
function works(reason: string, titles: Record<string, string[]>): KnownDifference {
  return { reason, matches: (family, reference, ours) => reference.status === 500 && ours.status === 200 && (titles[family] ?? []).includes(reference.title) };
}

/** Refusals that agree but for the header of the request's id. */
function hasRequestIdToo(reference: Outcome, ours: Outcome): boolean {
  const text = ({ status, body, headers }: Outcome) => JSON.stringify([status, body, Object.entries({ ...headers, 'x-request-id': '' }).sort()]);
  return [400, 401, 422].includes(reference.status) && !('x-request-id' in reference.headers) && text(reference) === text(ours);
}

/** A body whose schemas of run configurations say nothing in prose. */
function withoutSchemaProse(value: unknown, isInSchema = false): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutSchemaProse(item, isInSchema));
  if (value === null || typeof value !== 'object') return value;
  const kept = Object.entries(value).filter(([key, item]) => !(isInSchema && key === 'description' && typeof item === 'string'));
  return Object.fromEntries(kept.map(([key, item]) => [key, withoutSchemaProse(item, isInSchema || key === 'config_schema')]));
}

/** A body without the numbers of runs. Ids have been counted as they came, so they are only ids here. */
function withoutIndex(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value).replace(/<id \d+>/g, '<id>'), (key, item) => (key === 'index' ? null : item));
}

/** A body that only says whether there was an error. */
function withoutErrorSummary(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null), (key, item) => (key === 'last_error_summary' ? typeof item : item));
}

export const KNOWN_DIFFERENCES: KnownDifference[] = [
  refuses('A name that is taken is a conflict, also when a template is renamed to it.', [409], { run_templates: ['rename to a taken name'] }),
  {
    reason: 'A schedule with a name too long for its answer is refused; the reference keeps it and refuses only the answer, so its lists count one more.',
    matches: (family, reference, ours) =>
      family === 'schedules' &&
      reference.title === 'legacy: list' &&
      isDeepStrictEqual({ ...(reference.body as object), total: 0 }, { ...(ours.body as object), total: 0 }),
  },
  {
    reason: 'The schema of a run configuration comes without the package’s prose, like the schemas of flavors.',
    matches: (_, reference, ours) => reference.status === ours.status && isDeepStrictEqual(withoutSchemaProse(reference.body), withoutSchemaProse(ours.body)),
  },
  {
    reason:
      'Every error of ours carries its request id; the reference leaves it out where a request does not fit its model or names no caller. People need it to report problems, and clients read it only if it is there.',
    matches: (_, reference, ours) => hasRequestIdToo(reference, ours),
  },
  refuses(
    '`oneof`/`notoneof` on a moment passes the filter’s validation and breaks in the query; it does not fit the type, so it is refused like the others.',
    [422],
    {
      every: [/^list .*=(oneof|notoneof):\["2001-02-03 04:05:06"\]$/],
    },
  ),
  refuses('null for a column that cannot be null reaches the database; we say which field.', [400, 422], {
    every: [/^(PUT|POST) \/\S+: \w+ null$/],
    projects: ['clear the description'],
    logs: ['without a project', 'POST /logs: without project'],
  }),
  refuses('A body that is no JSON object breaks the validator that derives a project’s name; we answer as for every other resource.', [422], {
    projects: ['POST /projects: not called JSON', 'POST /projects: a list', 'POST /projects: a string'],
  }),
  refuses('A Pro key in a workspace that stands alone breaks an assertion; it is not valid here.', [401], { sign_in: ['a Pro key'] }),
  refuses('An unknown project, artifact or step is looked up before anything is written, not left to a foreign key.', [404], {
    every: ['an unknown project'],
    artifact_versions: ['an unknown artifact'],
    run_metadata: ['an unknown publisher'],
    model_versions: ['link an unknown artifact version', 'link an unknown run'],
  }),
  refuses('An id chosen by the client that exists already is a conflict.', [409], {
    logs: ['the same id again'],
    hook_invocations: ['the same id again'],
  }),
  refuses('One component under two types breaks a unique index; it does not have that type.', [400, 404, 409, 422], {
    stacks: ['a component of another type'],
  }),
  refuses('A configuration value of another type breaks the flavor’s own validator; it is a validation error like any other.', [400, 422], {
    components: ['a configuration of another type', 'a configuration key set to null', 'a configuration that does not fit'],
  }),
  refuses('A stage that another version holds needs `force`; 412 is a RuntimeError in the client, as its command line expects.', [400, 412], {
    model_versions: ['a stage that another version holds', 'stage latest', 'archived a second time'],
  }),
  refuses('A version that exists is a conflict, also when the artifact is given by its id.', [409], {
    artifact_versions: ['a version that is taken, by artifact id'],
  }),
  refuses('A step may not start before the steps it follows exist; the caller can know, so it is not a failure of the server.', [400, 403, 404, 409], {
    steps: ['cached without an original', 'a step whose upstream step is missing'],
  }),
  {
    reason: 'Times with an offset are converted to UTC, as every time of the wire is; the reference drops the offset, so the time becomes another one.',
    matches: (family, reference) => family === 'runs' && ['a start with an offset', 'statistics by hour'].includes(reference.title),
  },
  {
    reason: 'Refreshing through a read is deprecated and never works here; its by-product, a stack with its components, is left out.',
    matches: (family, reference, ours) => family === 'runs' && reference.title === 'by id, refreshed' && ours.status === 200,
  },
  {
    reason: 'A stop that is refused (501) changes nothing; the reference marks the run as stopped and refuses then.',
    matches: (family, reference) =>
      family === 'runs' &&
      ['after stopping at once', 'after stopping by default', 'statistics by status', 'statistics with too few groups'].includes(reference.title),
  },
  {
    reason: 'Runs that are refused leave no gap in the numbering of their pipeline.',
    matches: (family, reference, ours) =>
      (family === 'requests'
        ? reference.title.startsWith('post /runs')
        : ['runs', 'logs'].includes(family) &&
          ['given the run after-deletes', 'legacy: create', 'legacy: list', 'a run that brings logs'].includes(reference.title)) &&
      isDeepStrictEqual(withoutIndex(reference.body), withoutIndex(ours.body)),
  },
  {
    reason: 'Runs that cannot be templates are found whether or not there is any build; the reference joins all builds and finds none where there are none.',
    matches: (family, reference) => family === 'runs' && /^list \/runs: templatable=(false|no|0)$/.test(reference.title),
  },
  {
    reason: 'Live events are kept in the database, so they need no broker to be set up.',
    matches: (family, reference, ours) => family === 'runs' && ['stream events', 'read the stream'].includes(reference.title) && ours.status === 200,
  },
  {
    reason: 'A machine has no e-mail address: null, as its token sees it in the reference; there its key sees an empty text.',
    matches: (family, reference, ours) =>
      ['service_accounts', 'machines'].includes(family) && JSON.stringify(reference.body).replace('"email":""', '"email":null') === JSON.stringify(ours.body),
  },
  {
    reason: 'A batch is written as a whole or not at all; the reference keeps what came before the one that fails.',
    matches: (family, reference) => family === 'artifact_versions' && reference.title === 'what a failed batch left',
  },
  {
    reason: 'Pruning works with us, so less is left afterwards.',
    matches: (family, reference) => family === 'artifact_versions' && reference.title === 'what is left',
  },
  {
    reason: 'The reference takes the foreign key of an unknown project for a name that exists.',
    matches: (family, reference, ours) => family === 'models' && reference.title === 'an unknown project' && ours.status === 404,
  },
  {
    reason: 'These few filters of the reference take no operators and so accept broken ones, which match nothing; we refuse them like everywhere.',
    matches: (family, reference, ours) =>
      ['tags', 'triggers'].includes(family) && /(resource_type|flavor|: type)=isnull:x$/.test(reference.title) && ours.status === 422,
  },
  {
    reason: 'An activation token that was used is not valid; the reference stumbles over the hash that is no longer there.',
    matches: (family, reference, ours) => family === 'accounts' && reference.title === 'activate again' && ours.status === 401,
  },
  {
    reason: 'The reference forgets the project when versions are filtered by run, so it also lists those of other projects; ours stays inside the project.',
    matches: (family, reference, ours) =>
      family === 'artifact_versions' &&
      reference.title.startsWith('list /artifact_versions: pipeline_run') &&
      [reference.status, ours.status].every((one) => one === 200),
  },
  {
    reason: 'Of two things that are wrong we name the cron expression first, the reference the name that is taken.',
    matches: (family, reference, ours) =>
      family === 'triggers' &&
      reference.title.startsWith('POST /triggers: cron_expression') &&
      reference.status === 409 &&
      [200, 409, 422].includes(ours.status),
  },
  {
    reason: 'What was wrong with the last event is told in our words.',
    matches: (family, reference, ours) =>
      family === 'webhooks' && reference.status === ours.status && isDeepStrictEqual(withoutErrorSummary(reference.body), withoutErrorSummary(ours.body)),
  },
  {
    reason: 'Connectors are sorted as asked; the reference takes any order but by id and shows the oldest first.',
    matches: (family, reference, ours) =>
      family === 'service_connectors' &&
      /(sorted (asc|desc):|^by resource type$|^legacy: list$)/.test(reference.title) &&
      [reference.status, ours.status].every((one) => one === 200) &&
      (reference.body as { total: number }).total === (ours.body as { total: number }).total,
  },
  {
    reason: 'A secret that is renamed to nothing is compared by its new name; the reference compares the old one.',
    matches: (family, reference, ours) =>
      family === 'secrets' && reference.title === 'PUT /secrets/{id}: name empty' && reference.status === 409 && ours.status === 200,
  },
  {
    reason: 'Without a runner the server cannot start runs, and says so; the reference then does not have the operations.',
    matches: (_, reference, ours) => reference.title.endsWith(', without a workload manager') && [404, 405].includes(reference.status) && ours.status === 501,
  },
  works('Pruning fails on a missing argument; we prune what no run uses, in the given project.', { artifact_versions: ['prune', 'prune versions only'] }),
];

import { z } from 'zod';
import { Problem } from '#libs/http/problem.js';
import { bool, either, list, str } from '#libs/wire/types.js';
import { faultOfPayloadPath } from './payload-path.rules.js';

/** Bounds on what one trigger may ask of every event that arrives. */
const maxEvents = 10;
const maxExpressions = 10;
const maxExpressionLength = 512;
const maxChoices = 10;
const maxPaths = 10;

const operators = new Set(['equals', 'notequals', 'contains', 'notcontains', 'startswith', 'endswith', 'oneof', 'notoneof']);

/** What is wrong with one `text` or `operator:text`, if anything. A prefix that is no operator belongs to the text. */
function faultOf(expression: string): string | null {
  if (expression === '') return 'is empty';
  if (expression.length > maxExpressionLength) return `is longer than ${maxExpressionLength} characters`;
  const colon = expression.indexOf(':');
  const operator = expression.slice(0, Math.max(0, colon));
  if (colon < 0 || !operators.has(operator)) return null;
  const operand = expression.slice(colon + 1);
  if (operand === '') return `has nothing after '${operator}:'`;
  if (operator !== 'oneof' && operator !== 'notoneof') return null;
  return isChoice(operand) ? null : `needs a JSON list of 1 to ${maxChoices} texts after '${operator}:'`;
}

function isChoice(operand: string): boolean {
  try {
    const choices = JSON.parse(operand);
    return Array.isArray(choices) && choices.length > 0 && choices.length <= maxChoices && choices.every((one) => typeof one === 'string' && one !== '');
  } catch {
    return false;
  }
}

const expressions = either([str(), list(str())]).check((payload) => {
  const all = Array.isArray(payload.value) ? payload.value : [payload.value];
  const fault = all.length === 0 ? 'is empty' : all.length > maxExpressions ? `has more than ${maxExpressions} expressions` : all.map(faultOf).find(Boolean);
  if (fault) payload.issues.push({ code: 'custom', message: `the filter ${fault}`, input: payload.value });
});

const filter = expressions.nullable().default(null);
const filters = <const Names extends readonly string[]>(names: Names) =>
  Object.fromEntries(names.map((name) => [name, filter])) as Record<Names[number], typeof filter>;
const event = (type: string, shape: z.ZodRawShape) => z.strictObject({ type: z.literal(type), ...shape });

/** Compares any values of an event's body, by the paths to them. */
const dynamic = (type: z.ZodType) =>
  z.strictObject({
    type,
    event_type: expressions,
    filters: z
      .record(z.string(), expressions)
      .default({})
      .check((payload) => {
        const paths = Object.keys(payload.value);
        if (paths.length > maxPaths) payload.issues.push({ code: 'custom', message: `there are more than ${maxPaths} filters`, input: payload.value });
        for (const path of paths) {
          const fault = faultOfPayloadPath(path);
          if (fault) payload.issues.push({ code: 'custom', message: `the path '${path}' ${fault}`, input: payload.value });
        }
      }),
  });

const named = dynamic(z.literal('dynamic'));
const task = ['task_id', 'list_id', 'space_id', 'folder_id'] as const;
const place = ['list_id', 'space_id', 'folder_id'] as const;
const inSlack = ['team_id', 'channel_id', 'user_id'] as const;
const reaction = filters([...inSlack, 'reaction', 'item_user_id', 'item_type', 'item_id']);
const messageMetadata = filters([...inSlack, 'app_id', 'bot_id', 'metadata_event_type']);

const github = z.discriminatedUnion('type', [
  event('merged_pull_request', filters(['repo', 'target_branch', 'source_branch', 'author'])),
  event('workflow_run_completed', filters(['workflow', 'conclusion', 'actor'])),
  event('push', filters(['repo', 'branch', 'actor'])),
  event('release_published', filters(['repo', 'tag', 'target_branch', 'actor'])),
  event('issue_opened', filters(['repo', 'author', 'author_association', 'labels', 'assignees', 'milestone'])),
  named,
] as never);

const clickup = z.discriminatedUnion('type', [
  ...['taskCreated', 'taskUpdated', 'taskDeleted', 'taskMoved', 'taskAssigneeUpdated', 'taskCommentPosted'].map((type) => event(type, filters(task))),
  event('taskStatusUpdated', filters([...task, 'status'])),
  ...['listCreated', 'listUpdated', 'listDeleted'].map((type) => event(type, filters(place))),
  named,
] as never);

const threaded = bool().nullable().default(null);

const slack = z
  .discriminatedUnion('type', [
    event('app_mention', { ...filters([...inSlack, 'text']), threaded }),
    event('message', { ...filters([...inSlack, 'channel_type', 'text', 'subtype']), include_subtypes: bool().default(false), threaded }),
    event('reaction_added', reaction),
    event('reaction_removed', reaction),
    event('message_metadata_posted', messageMetadata),
    event('message_metadata_updated', messageMetadata),
    event('file_shared', filters([...inSlack, 'file_id'])),
    named,
  ] as never)
  .check((payload) => {
    const { include_subtypes, subtype } = payload.value as { include_subtypes?: boolean; subtype?: unknown };
    if (include_subtypes && subtype !== null)
      payload.issues.push({ code: 'custom', message: 'include_subtypes and subtype exclude each other', input: payload.value });
  });

const some = (events: z.ZodType) => z.object({ target_events: z.array(events).min(1).max(maxEvents) });

const configurations: Record<string, z.ZodType<Record<string, unknown>>> = {
  custom: z.object({
    target_events: z
      .array(dynamic(z.literal('dynamic').default('dynamic')))
      .max(maxEvents)
      .nullable()
      .default(null),
  }),
  github: some(github),
  clickup: some(clickup),
  slack: some(slack),
};

/** Which events of a webhook of that type start runs, with everything that may be left out filled in. @throws Problem 400, 422 */
export function checkedConfiguration(webhookType: string, configuration: Record<string, unknown>): Record<string, unknown> {
  const checked = configurations[webhookType]?.safeParse(configuration);
  if (!checked) throw new Problem('invalid', `Webhooks of the type '${webhookType}' are not supported.`);
  if (checked.success) return checked.data;
  const faults = checked.error.issues.slice(0, 5).map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new Problem('unprocessable', `The configuration does not fit a webhook of the type ${webhookType}. ${faults.join('; ')}`);
}

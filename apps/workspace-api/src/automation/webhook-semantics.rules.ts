import type { ReportedEvent } from './webhook-matching.rules.js';

type Document = Record<string, unknown>;

/** A provider's event by the name under which triggers know it. */
export type SemanticEvent = {
  type: string;
  /** What filters of that name are compared with. */
  compared: Record<string, string | string[] | null>;
  /** Whether it fits what is no text filter. */
  fits(filters: Document): boolean;
  /** What a run is told of it. */
  fields: Document;
};

/** Null for events that triggers have no name for, and for those that lack what identifies them. */
export function semanticEvent(webhookType: string, event: ReportedEvent): SemanticEvent | null {
  if (webhookType === 'github') return github(event);
  if (webhookType === 'clickup') return clickup(event);
  return webhookType === 'slack' ? slack(event) : null;
}

const always = () => true;

/** An event whose filters are named like its fields. */
function plain(type: string, compared: SemanticEvent['compared'], besides: Document = {}): SemanticEvent {
  return { type, compared, fits: always, fields: { type, ...compared, ...besides } };
}

function isObject(value: unknown): value is Document {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A text that is there and not empty. */
function textAt(document: unknown, ...path: string[]): string | null {
  let value = document;
  for (const key of path) value = isObject(value) ? value[key] : undefined;
  return typeof value === 'string' && value !== '' ? value : null;
}

function textsAt(list: unknown, field: string): string[] {
  return Array.isArray(list) ? list.flatMap((one) => textAt(one, field) ?? []) : [];
}

function github({ type, payload }: ReportedEvent): SemanticEvent | null {
  const repo = textAt(payload, 'repository', 'full_name');
  const at = (...path: string[]) => textAt(payload, ...path);
  const commit = (sha: string | null, name: string | null) => ({ commit: sha === null ? null : { name, sha } });
  switch (type) {
    case 'pull_request': {
      const request = payload.pull_request;
      const target_branch = at('pull_request', 'base', 'ref');
      if (payload.action !== 'closed' || !isObject(request) || request.merged !== true || repo === null || target_branch === null) return null;
      const compared = { repo, target_branch, source_branch: at('pull_request', 'head', 'ref'), author: at('pull_request', 'user', 'login') };
      return plain('merged_pull_request', compared, commit(at('pull_request', 'merge_commit_sha'), at('pull_request', 'title')));
    }
    case 'workflow_run': {
      const workflow = at('workflow_run', 'name');
      if (payload.action !== 'completed' || workflow === null) return null;
      return plain('workflow_run_completed', { workflow, conclusion: at('workflow_run', 'conclusion'), actor: at('workflow_run', 'actor', 'login') });
    }
    case 'push': {
      const branch = /^refs\/heads\/(.*)$/s.exec(at('ref') ?? '')?.[1];
      if (branch === undefined || repo === null) return null;
      return plain('push', { repo, branch, actor: at('sender', 'login') }, commit(at('head_commit', 'id'), at('head_commit', 'message')));
    }
    case 'release': {
      const tag = at('release', 'tag_name');
      if (payload.action !== 'published' || repo === null || tag === null) return null;
      return plain('release_published', { repo, tag, target_branch: at('release', 'target_commitish'), actor: at('release', 'author', 'login') });
    }
    case 'issues': {
      const { issue } = payload;
      const title = at('issue', 'title');
      if (payload.action !== 'opened' || !isObject(issue) || repo === null || title === null || !Number.isInteger(issue.number)) return null;
      const compared = {
        repo,
        author: at('issue', 'user', 'login'),
        author_association: at('issue', 'author_association'),
        labels: textsAt(issue.labels, 'name'),
        assignees: textsAt(issue.assignees, 'login'),
        milestone: at('issue', 'milestone', 'title'),
      };
      return plain('issue_opened', compared, { number: issue.number, title, issue_type: at('issue', 'type', 'name') });
    }
    default:
      return null;
  }
}

const ofTasks = new Set(['taskCreated', 'taskUpdated', 'taskDeleted', 'taskStatusUpdated', 'taskMoved', 'taskAssigneeUpdated', 'taskCommentPosted']);
const ofLists = new Set(['listCreated', 'listUpdated', 'listDeleted']);

function clickup({ type, payload }: ReportedEvent): SemanticEvent | null {
  if (!ofTasks.has(type) && !ofLists.has(type)) return null;
  const id = (name: string) => {
    const value = payload[name];
    return (typeof value === 'string' && value !== '') || Number.isInteger(value) ? String(value) : null;
  };
  const place = { list_id: id('list_id'), space_id: id('space_id'), folder_id: id('folder_id') };
  if (ofLists.has(type)) return plain(type, place);
  const task = { task_id: id('task_id'), ...place };
  return plain(type, type === 'taskStatusUpdated' ? { ...task, status: statusAfter(payload.history_items) } : task);
}

/** The status after the last change that the event tells of. */
function statusAfter(history: unknown): string | null {
  const last = Array.isArray(history) ? history.at(-1) : null;
  return textAt(last, 'after') ?? textAt(last, 'after', 'status');
}

function slack({ type, deliveryId, payload }: ReportedEvent): SemanticEvent | null {
  const { event } = payload;
  if (!isObject(event)) return null;
  const { event_time } = payload;
  const [team_id, event_ts] = [textAt(payload, 'team_id') ?? textAt(event, 'team_id'), textAt(event, 'event_ts')];
  if (!deliveryId || team_id === null || event_ts === null || !Number.isInteger(event_time)) return null;
  const common = { event_id: deliveryId, team_id, event_time, event_ts };
  const at = (...path: string[]) => textAt(event, ...path);
  const user_id = at('user') ?? at('user_id');
  const made = (compared: SemanticEvent['compared'], besides: Document = {}): SemanticEvent => ({
    type,
    compared: { team_id, ...compared },
    fits: always,
    fields: { ...common, type, ...compared, ...besides },
  });
  switch (type) {
    case 'app_mention': {
      const channel_id = at('channel');
      if (channel_id === null || user_id === null || isFromBot(event)) return null;
      const thread_ts = at('thread_ts');
      return { ...made({ user_id, channel_id, text: at('text') }, { message_ts: at('ts'), thread_ts }), fits: inThread(thread_ts) };
    }
    case 'message':
      return slackMessage(event, made);
    case 'reaction_added':
    case 'reaction_removed': {
      const { item } = event;
      const idField: Record<string, string> = { message: 'ts', file: 'file', file_comment: 'file_comment' };
      const item_type = textAt(item, 'type');
      const field = item_type === null || !Object.hasOwn(idField, item_type) ? undefined : idField[item_type];
      const item_id = field === undefined ? null : textAt(item, field);
      const [reaction, channel_id] = [at('reaction'), textAt(item, 'channel')];
      if (item_type === null || item_id === null || reaction === null || user_id === null) return null;
      const compared = { user_id, channel_id, reaction, item_user_id: at('item_user') };
      const described = { item: { type: item_type, id: item_id, channel_id, file_id: textAt(item, 'file') } };
      const one = made(compared, described);
      return { ...one, compared: { ...one.compared, item_type, item_id } };
    }
    case 'message_metadata_posted':
    case 'message_metadata_updated': {
      const [channel_id, app_id, message_ts] = [at('channel_id'), at('app_id'), at('message_ts')];
      const metadata = metadataOf(event.metadata);
      const previous = type === 'message_metadata_updated' ? metadataOf(event.previous_metadata) : undefined;
      if (channel_id === null || app_id === null || user_id === null || message_ts === null || metadata === null || previous === null) return null;
      const one = made({ user_id, channel_id, app_id, bot_id: at('bot_id') }, { message_ts, metadata, ...(previous ? { previous_metadata: previous } : {}) });
      return { ...one, compared: { ...one.compared, metadata_event_type: metadata.event_type } };
    }
    case 'file_shared': {
      const [channel_id, file_id] = [at('channel_id'), at('file_id')];
      return channel_id === null || user_id === null || file_id === null ? null : made({ user_id, channel_id, file_id });
    }
    default:
      return null;
  }
}

/** Messages that were edited or deleted have what they are about inside them. Only ordinary ones of people must say who, where and when. */
function slackMessage(event: Document, made: (compared: SemanticEvent['compared'], besides: Document) => SemanticEvent): SemanticEvent | null {
  const content = isObject(event.message) ? event.message : isObject(event.previous_message) ? event.previous_message : event;
  const either = (name: string) => textAt(event, name) ?? textAt(content, name);
  const user_id = textAt(event, 'user') ?? textAt(event, 'user_id') ?? textAt(content, 'user') ?? textAt(content, 'user_id');
  const [channel_id, subtype] = [either('channel'), textAt(event, 'subtype')];
  const bot_authored = isFromBot(event) || isFromBot(content);
  const message_ts = textAt(content, 'ts') ?? textAt(event, 'deleted_ts') ?? textAt(event, 'ts');
  if (subtype === null && !bot_authored && (user_id === null || channel_id === null || message_ts === null)) return null;
  const thread_ts = textAt(content, 'thread_ts') ?? textAt(event, 'thread_ts');
  const one = made(
    { user_id, channel_id, channel_type: either('channel_type'), text: textAt(content, 'text'), subtype },
    { bot_authored, message_ts, thread_ts },
  );
  const isOrdinary = subtype === null && !bot_authored;
  // Without a word about subtypes, triggers mean what people write.
  return { ...one, fits: (filters) => (filters.subtype != null || filters.include_subtypes === true || isOrdinary) && inThread(thread_ts)(filters) };
}

function inThread(threadTime: string | null): (filters: Document) => boolean {
  return ({ threaded }) => threaded == null || threaded === (threadTime !== null);
}

function isFromBot(document: Document): boolean {
  return textAt(document, 'bot_id') !== null || isObject(document.bot_profile) || document.subtype === 'bot_message';
}

function metadataOf(value: unknown): { event_type: string; event_payload: Document } | null {
  const event_type = textAt(value, 'event_type');
  const event_payload = isObject(value) ? value.event_payload : null;
  return event_type === null || !isObject(event_payload) ? null : { event_type, event_payload };
}

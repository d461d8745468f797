import type { FastifyRequest } from 'fastify';
import type { Declared } from '#libs/http/operation.js';
import type { Change } from '#libs/resource/audit.js';
import type { Operation } from '#libs/wire/operation.js';

/** The name of the reference's handler, without the path that makes operation ids unique. */
export function shortName({ id, path }: Operation): string {
  const name = id.replace(/_api_v1_.*/, '');
  // Old clients call snapshots deployments of pipelines, which are something else now.
  return path.includes('/pipeline_deployments') ? name.replace(/_deployment(?=s?$)/, '_pipeline_deployment') : name;
}

type Body = Record<string, unknown>;

/**
 * What is not in the audit log although it is no GET: what a pipeline records while it runs, thousands a minute, each with a row that says itself who made
 * it and when; and questions that are asked by POST. Everything else is, new operations included. docs/decisions/0007-audit-log-of-workspaces.md says why.
 */
export const unaudited: Record<string, { why: string; unless?: (body: Body) => boolean }> = {
  get_or_create_pipeline_run: { why: 'recorded by the client that runs the pipeline' },
  update_run: { why: 'status and end, reported while the pipeline runs' },
  disable_run_heartbeat: { why: 'reported while the pipeline runs' },
  refresh_run_status: { why: 'asks the orchestrator how the run is' },
  publish_run_events: { why: 'reported while the pipeline runs' },
  create_run_step: { why: 'recorded while the pipeline runs' },
  update_step: { why: 'recorded while the pipeline runs' },
  update_heartbeat: { why: 'sent every few seconds by every step' },
  create_artifact: { why: 'recorded while the pipeline runs' },
  create_artifact_version: { why: 'recorded while the pipeline runs' },
  batch_create_artifact_version: { why: 'recorded while the pipeline runs' },
  create_logs: { why: 'recorded while the pipeline runs' },
  update_logs: { why: 'recorded while the pipeline runs' },
  create_run_metadata: { why: 'recorded while the pipeline runs' },
  create_hook_invocation: { why: 'recorded while the pipeline runs' },
  create_run_wait_condition: { why: 'recorded while the pipeline runs' },
  update_run_wait_condition_lease: { why: 'renewed while the pipeline waits' },
  renew_resource_request: { why: 'renewed while a step runs' },
  release_resource_request: { why: 'sent when a step ends' },
  create_model_version_artifact_link: { why: 'recorded while the pipeline runs' },
  create_model_version_pipeline_run_link: { why: 'recorded while the pipeline runs' },
  create_tag_resource: { why: 'steps tag what they make' },
  batch_create_tag_resource: { why: 'steps tag what they make' },
  create_pipeline_snapshot: { why: 'every run makes one', unless: ({ name }) => name != null },
  create_pipeline_deployment: { why: 'what every run of an old client makes' },
  update_service: { why: 'the state of a service, reported while it is watched' },
  update_deployment: { why: 'the state of a deployment, reported while it is watched' },
  get_run_statistics: { why: 'a question' },
  validate_and_verify_service_connector_config: { why: 'a question' },
  validate_and_verify_service_connector: { why: 'a question' },
  get_resources_based_on_service_connector_info: { why: 'a question' },
};

/** Operations whose names say something else than `<verb>_<noun>`. */
const irregular: Record<string, { action: string; named?: string }> = {
  create_snapshot_run: { action: 'pipeline_run.start' },
  create_template_run: { action: 'pipeline_run.start' },
  replay_run: { action: 'pipeline_run.replay' },
  stop_run: { action: 'pipeline_run.stop' },
  delete_run: { action: 'pipeline_run.delete' },
  deregister_stack_component: { action: 'stack_component.delete' },
  patch_run_template: { action: 'run_template.update' },
  sync_flavors: { action: 'flavor.sync' },
  delete_pipeline_deployment: { action: 'pipeline_snapshot.delete' },
  prune_artifact_versions: { action: 'artifact_version.prune' },
  prune_pipeline_snapshots: { action: 'pipeline_snapshot.prune' },
  attach_trigger_to_snapshot: { action: 'trigger.attach', named: 'trigger_id' },
  detach_trigger_from_snapshot: { action: 'trigger.detach', named: 'trigger_id' },
  clear_trigger_dispatch_error: { action: 'trigger.clear_dispatch_error' },
  rotate_webhook_secret: { action: 'webhook.rotate_secret' },
  delete_all_model_version_artifact_links: { action: 'model_version_artifact_link.delete_all' },
  batch_delete_tag_resource: { action: 'tag_resource.delete' },
  update_myself: { action: 'user.update' },
  email_opt_in_response: { action: 'user.email_opt_in' },
  update_authorized_device: { action: 'device.update' },
  delete_authorized_device: { action: 'device.delete' },
  verify_authorized_device: { action: 'device.verify' },
  update_user_resource_membership: { action: 'resource.share' },
  backup_secrets: { action: 'secret.backup' },
  restore_secrets: { action: 'secret.restore' },
};

/** `create_stack` -> `stack.create` */
export function actionOf(operation: Operation): string {
  const name = shortName(operation);
  const [, verb, noun] = /^([a-z]+)_(\w+)$/.exec(name) ?? ['', 'call', name];
  return irregular[name]?.action ?? `${noun}.${verb}`;
}

/** What the request changes; null for what the audit log leaves out. */
export function changeOf({ operation }: Declared, request: FastifyRequest): Change | null {
  const name = shortName(operation);
  // Whether it fits its model is found out later: it may be any JSON, or none.
  const body = (typeof request.body === 'object' && request.body !== null ? request.body : {}) as Body;
  const left = unaudited[name];
  if (operation.method === 'get' || (left && !left.unless?.(body))) return null;
  const action = actionOf(operation);
  const params = (request.params ?? {}) as Record<string, string>;
  const named = irregular[name]?.named ?? /\{(\w+)\}(?:\/[a-z-]+)?$/.exec(operation.path)?.[1];
  const fields = Object.keys((operation.body as { shape?: object } | undefined)?.shape ?? {}).filter((field) => field in body);
  const parents = Object.entries(params).filter(([param]) => param !== named);
  return {
    action,
    type: action.split('.')[0] as string,
    named: (named && params[named]) || null,
    details: {
      operation: name,
      ...Object.fromEntries(parents.map(([param, value]) => [param, value.slice(0, 255)])),
      ...(fields.length > 0 ? { fields } : {}),
    },
  };
}

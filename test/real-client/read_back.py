"""Reads everything back through the client's own models, in a form in which two servers can be compared literally.

Ids become labels in order of first appearance, times become `<time>`, paths of the local artifact store lose the client's
folder, and lists are ordered by content rather than by time. Whatever two clients on one machine cannot have in common is left out.
"""

import json
import re
from typing import Any, Callable, Dict, List

from zenml.client import Client

from common import finish, prefix

P = prefix()
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(\+00:00|Z)?")
STORE = re.compile(r"[^\s\"']*/local_stores/")
# What the client makes artifact locations unique with.
SUFFIX = re.compile(r"/[0-9a-f]{8}(?=/|$)")
# A random colour for tags that were created by name; how long it took; the day and minute of the run; what the server is.
VOLATILE_KEYS = {"color", "duration", "substitutions", "server_url", "dashboard_url", "server_id", "cache_key", "client_environment", "orchestrator_environment"}


def scrub(value: Any, label: Callable[[str], str]) -> Any:
    """A copy without what differs from server to server."""
    if isinstance(value, dict):
        return {
            UUID.sub(lambda match: label(match[0]), str(key)): "<volatile>" if key in VOLATILE_KEYS and item is not None else scrub(item, label)
            # The order of keys is no promise, and labels are given in the order of reading.
            for key, item in sorted(value.items())
        }
    if isinstance(value, (list, tuple)):
        return [scrub(item, label) for item in value]
    if isinstance(value, str):
        value = STORE.sub("<store>/", value)
        value = TIME.sub("<time>", value)
        if value.startswith("<store>/"):
            value = SUFFIX.sub("/<suffix>", value)
        return UUID.sub(lambda match: label(match[0].lower()), value)
    return value


def order(items: List[Any]) -> List[Any]:
    return sorted(items, key=lambda item: json.dumps(scrub(item, lambda _: "<id>"), sort_keys=True, default=str))


def every(method: Callable[..., Any], **arguments: Any) -> List[Any]:
    """All pages of a list, hydrated, as plain data."""
    items: List[Any] = []
    page = 1
    while True:
        result = method(page=page, size=50, **arguments)
        items.extend(json.loads(item.model_dump_json()) for item in result.items)
        if page >= result.total_pages:
            return items
        page += 1


def main() -> None:
    client = Client()
    only: Dict[str, Any] = {"name": f"startswith:{P}"} if P else {}
    read: Dict[str, List[Any]] = {
        "projects": every(client.list_projects, hydrate=True),
        "users": every(client.list_users, hydrate=True),
        "stacks": every(client.list_stacks, hydrate=True),
        "components": every(client.list_stack_components, hydrate=True),
        "pipelines": every(client.list_pipelines, hydrate=True, **only),
        "snapshots": every(client.list_snapshots, hydrate=True, named_only=False),
        "builds": every(client.list_builds, hydrate=True),
        "runs": every(client.list_pipeline_runs, hydrate=True, include_full_metadata=True, **only),
        "steps": every(client.list_run_steps, hydrate=True),
        "artifacts": every(client.list_artifacts, hydrate=True),
        "artifact_versions": every(client.list_artifact_versions, hydrate=True),
        "models": every(client.list_models, hydrate=True),
        "model_versions": every(client.list_model_versions, hydrate=True),
        "model_version_artifacts": every(client.list_model_version_artifact_links, hydrate=True),
        "model_version_runs": every(client.list_model_version_pipeline_run_links, hydrate=True),
        "tags": every(client.list_tags, hydrate=True),
        "schedules": every(client.list_schedules, hydrate=True),
        "code_repositories": every(client.list_code_repositories, hydrate=True),
        "service_connectors": every(client.list_service_connectors, hydrate=True),
        "secrets": every(client.list_secrets, hydrate=True),
    }
    dags = []
    for run in sorted(read["runs"], key=lambda one: one["name"]):
        dag = client.zen_store.get(f"/runs/{run['id']}/dag")
        # Nodes are numbered as the server comes across them; the order is no promise.
        dag["nodes"] = order(dag["nodes"])
        dags.append(dag)
    values = []
    for version in client.list_artifact_versions(size=200, hydrate=True).items:
        values.append({"artifact": version.artifact.name, "version": str(version.version), "value": version.load()})

    labels: Dict[str, str] = {}

    def label(found: str) -> str:
        return labels.setdefault(found, f"<id {len(labels) + 1}>")

    result: Dict[str, Any] = {}
    for name, items in read.items():
        result[name] = [scrub(item, label) for item in order(items)]
    result["dags"] = [scrub(dag, label) for dag in dags]
    result["values"] = sorted(values, key=lambda one: (one["artifact"], one["version"]))
    result["counts"] = {name: len(items) for name, items in read.items()}
    finish(result)


if __name__ == "__main__":
    main()

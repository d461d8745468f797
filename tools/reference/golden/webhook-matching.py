"""Which events of webhooks which trigger configurations want, and what runs are told of them."""

import json
import sys
from types import SimpleNamespace
from uuid import UUID

from zenml.webhooks.events import WebhookEvent
from zenml.webhooks.providers.registry import webhook_provider_registry

repository = {"full_name": "acme/shop"}


def github():
    login = lambda name: {"login": name}
    merged = {
        "action": "closed",
        "repository": repository,
        "pull_request": {
            "merged": True,
            "title": "Faster",
            "merge_commit_sha": "abc",
            "base": {"ref": "main"},
            "head": {"ref": "faster"},
            "user": login("ada"),
        },
    }
    closed = {**merged, "pull_request": {**merged["pull_request"], "merged": False}}
    issue = {
        "action": "opened",
        "repository": repository,
        "issue": {
            "number": 7,
            "title": "Broken",
            "user": login("ada"),
            "author_association": "MEMBER",
            "labels": [{"name": "bug"}, {"name": "urgent"}, {"id": 1}],
            "assignees": [],
            "milestone": None,
            "type": {"name": "Bug"},
        },
    }
    events = [
        ("pull_request", merged),
        ("pull_request", closed),
        ("pull_request", {**merged, "pull_request": {"merged": True, "base": {"ref": "main"}}}),
        ("workflow_run", {"action": "completed", "workflow_run": {"name": "ci", "conclusion": "success", "actor": login("bot")}}),
        ("workflow_run", {"action": "requested", "workflow_run": {"name": "ci"}}),
        ("push", {"ref": "refs/heads/main", "repository": repository, "sender": login("ada"), "head_commit": {"id": "abc", "message": "Hi"}}),
        ("push", {"ref": "refs/heads/feature/x", "repository": repository, "head_commit": None}),
        ("push", {"ref": "refs/tags/v1", "repository": repository}),
        ("release", {"action": "published", "repository": repository, "release": {"tag_name": "v1", "target_commitish": "main", "author": login("ada")}}),
        ("release", {"action": "created", "repository": repository, "release": {"tag_name": "v1"}}),
        ("issues", issue),
        ("issues", {**issue, "issue": {**issue["issue"], "number": True}}),
        ("ping", {"zen": "x"}),
    ]
    targets = [
        {"type": "merged_pull_request"},
        {"type": "merged_pull_request", "repo": "acme/shop", "target_branch": ["main", "develop"]},
        {"type": "merged_pull_request", "author": "notequals:ada"},
        {"type": "merged_pull_request", "source_branch": "startswith:fa"},
        {"type": "workflow_run_completed", "conclusion": 'oneof:["success","neutral"]'},
        {"type": "push"},
        {"type": "push", "branch": "endswith:/x"},
        {"type": "push", "actor": "contains:d"},
        {"type": "release_published", "tag": "notcontains:rc"},
        {"type": "issue_opened", "labels": "urgent"},
        {"type": "issue_opened", "labels": "notequals:urgent"},
        {"type": "issue_opened", "labels": ["other", "startswith:bu"]},
        {"type": "issue_opened", "assignees": "notequals:ada"},
        {"type": "issue_opened", "milestone": "equals:m1"},
        {"type": "dynamic", "event_type": "issues", "filters": {"issue.labels[*].name": "bug"}},
        {"type": "dynamic", "event_type": "startswith:pull", "filters": {"pull_request.merged": "false"}},
        {"type": "dynamic", "event_type": ["push", "ping"], "filters": {}},
    ]
    return "github", events, targets


def clickup():
    history = [{"id": "1", "before": None, "after": {"status": "done"}}]
    base = {"webhook_id": "w", "task_id": "t1", "list_id": 5, "space_id": "", "history_items": history}
    events = [
        ("taskStatusUpdated", base),
        ("taskStatusUpdated", {**base, "history_items": [{"after": "open"}]}),
        ("taskStatusUpdated", {**base, "history_items": []}),
        ("taskCreated", base),
        ("listUpdated", {**base, "list_id": True}),
        ("goalCreated", base),
    ]
    targets = [
        {"type": "taskStatusUpdated", "status": "done"},
        {"type": "taskStatusUpdated", "list_id": "5"},
        {"type": "taskCreated", "space_id": "notequals:x"},
        {"type": "taskCreated", "task_id": 'notoneof:["t2"]'},
        {"type": "listUpdated"},
        {"type": "listUpdated", "list_id": "5"},
        {"type": "dynamic", "event_type": "goalCreated", "filters": {"history_items[0].after.status": "done"}},
    ]
    return "clickup", events, targets


def slack():
    def callback(event, **envelope):
        return (event.get("type", "none"), {"type": "event_callback", "team_id": "T", "event_id": "E", "event_time": 5, "event": {"event_ts": "5.1", **event}, **envelope})

    message = {"type": "message", "user": "U", "channel": "C", "ts": "5.0", "text": "deploy now", "channel_type": "channel"}
    metadata = {"type": "message_metadata_posted", "user_id": "U", "channel_id": "C", "app_id": "A", "message_ts": "5.0", "metadata": {"event_type": "deployed", "event_payload": {"n": 1}}}
    reaction = {"type": "reaction_added", "user": "U", "reaction": "rocket", "item_user": "V", "item": {"type": "message", "ts": "4.0", "channel": "C"}}
    events = [
        callback({"type": "app_mention", "user": "U", "channel": "C", "text": "<@B> run", "ts": "5.0"}),
        callback({"type": "app_mention", "user": "U", "channel": "C", "text": "<@B> run", "ts": "5.0", "thread_ts": "4.0"}),
        callback({"type": "app_mention", "user": "U", "channel": "C", "bot_id": "X"}),
        callback(message),
        callback({**message, "thread_ts": "4.0"}),
        callback({**message, "bot_id": "X"}),
        callback({**message, "user": ""}),
        callback({"type": "message", "subtype": "message_changed", "channel": "C", "message": {"user": "U", "text": "deploy", "ts": "5.0"}}),
        callback({"type": "message", "subtype": "message_deleted", "channel": "C", "deleted_ts": "3.0", "previous_message": {"user": "U", "text": "deploy"}}),
        callback(reaction),
        callback({**reaction, "type": "reaction_removed", "item": {"type": "file", "file": "F"}}),
        callback({**reaction, "item": {"type": "unknown"}}),
        callback(metadata),
        callback({**metadata, "type": "message_metadata_updated", "previous_metadata": metadata["metadata"]}),
        callback({**metadata, "type": "message_metadata_updated"}),
        callback({"type": "file_shared", "user_id": "U", "channel_id": "C", "file_id": "F"}),
        callback(message, team_id=None),
        callback(message, event_time="5"),
    ]
    targets = [
        {"type": "app_mention", "text": "contains:run"},
        {"type": "app_mention", "threaded": True},
        {"type": "app_mention", "threaded": False, "team_id": "T"},
        {"type": "message"},
        {"type": "message", "include_subtypes": True},
        {"type": "message", "subtype": "message_changed"},
        {"type": "message", "threaded": True, "channel_id": "C"},
        {"type": "message", "user_id": "notequals:U", "include_subtypes": True},
        {"type": "reaction_added", "reaction": "rocket", "item_type": "message"},
        {"type": "reaction_removed", "item_id": "F"},
        {"type": "reaction_removed", "channel_id": "C"},
        {"type": "message_metadata_posted", "metadata_event_type": "deployed"},
        {"type": "message_metadata_updated", "app_id": "A"},
        {"type": "file_shared", "file_id": "startswith:F"},
        {"type": "dynamic", "event_type": "message", "filters": {"event.text": "contains:deploy"}},
    ]
    return "slack", events, targets


def custom():
    payload = {"a": {"b": [{"n": 1, "ok": True}, {"n": 2, "none": None}]}, "odd key": "x"}
    events = [("build", payload), ("test", {})]
    targets = [
        {"event_type": "build"},
        {"event_type": "notequals:build"},
        {"event_type": "build", "filters": {"a.b[1].n": "2"}},
        {"event_type": "build", "filters": {"a.b[*].n": "notequals:2"}},
        {"event_type": "build", "filters": {"a.b[0].ok": "true", '["odd key"]': "x"}},
        {"event_type": "build", "filters": {"a.b[1].none": "null"}},
        {"event_type": "build", "filters": {"a.b": "x"}},
        {"event_type": "build", "filters": {"a.b[9].n": "notequals:2"}},
        {"event_type": ["x:y", "oneof:[\"test\"]"]},
    ]
    return "custom", events, targets


def keep(**found):
    """In place of the package's own result, which takes nothing but full triggers."""
    return SimpleNamespace(**found)


cases = []
for webhook_type, events, targets in (github(), clickup(), slack(), custom()):
    provider = webhook_provider_registry.get(webhook_type)
    sys.modules[type(provider).__module__].WebhookTriggerMatch = keep
    configurations = [{"target_events": [one]} for one in targets] + [{"target_events": targets[:2]}]
    if webhook_type == "custom":
        configurations += [{}, {"target_events": []}]
    for event_type, payload in events:
        delivery_id = payload.get("event_id") if webhook_type == "slack" else "d"
        event = WebhookEvent(
            project_id=UUID(int=1),
            webhook_id=UUID(int=2),
            webhook_type=webhook_type,
            event_type=event_type,
            delivery_id=delivery_id,
            payload=payload,
        )
        candidates = [
            SimpleNamespace(id=index, configuration=provider.validate_configuration(one).model_dump(mode="json"))
            for index, one in enumerate(configurations)
        ]
        found = provider.match_triggers(event=event, candidates=candidates)
        cases.append(
            {
                "webhook_type": webhook_type,
                "event": {"type": event_type, "deliveryId": delivery_id, "payload": payload},
                "configurations": [one.configuration for one in candidates],
                "matches": [one.id for one in found.triggers],
                "told": getattr(found, "event", None),
            }
        )

print(json.dumps({"cases": cases}))

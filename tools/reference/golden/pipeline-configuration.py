"""Expected values for apps/workspace-api/src/pipelines/configuration.rules.ts, as the installed package computes them."""

import itertools
import json
import random
import sys
from datetime import datetime

from zenml.config.pipeline_configurations import PipelineConfiguration
from zenml.config.step_configurations import Step
from zenml.utils.string_utils import format_name_template

SOURCE = {"module": "my.steps", "attribute": "load", "type": "user"}
HOOKS = ["failure_hook_source", "success_hook_source", "start_hook_source", "end_hook_source"]


def step(**overrides):
    config = {"name": "load", **overrides}
    spec = {"source": SOURCE, "upstream_steps": [], "inputs": {}, "invocation_id": "load"}
    return {"spec": spec, "config": {"name": "ignored"}, "step_config_overrides": config}


# What a pipeline may set, and what a step may set; every pair is merged.
PIPELINES = [
    {},
    {"settings": {"docker": {"parent_image": "p", "apt": ["a"], "gone": None, "deep": {"kept": None, "x": 1}}}},
    {"settings": {"resources": {"cpu_count": 1}, "orchestrator.k8s": {"pod": {"labels": {"a": "1"}}}}},
    {"extra": {"a": {"b": 1, "c": None}, "list": [1, 2], "none": None, "scalar": 1}},
    {"retry": {"max_retries": 3, "delay": 10}},
    {"substitutions": {"env": "prod", "date": "today"}},
    {"environment": {"A": "1", "B": "2"}},
    {"secrets": ["one", "two", "6f1c9f5c-2a0b-4f7b-9d7e-0d9d9b9a1c11"]},
    {"cache_policy": {"include_step_code": False, "ignored_inputs": ["x"], "cache_func": SOURCE, "expires_after": 60}},
    {"cache_policy": "default"},
    {"cache_policy": {"source_dependencies": ["my.module.function", {"module": "m", "type": "user", "extra": None}]}},
    {"failure_hook_source": SOURCE, "success_hook_source": "my.hooks.succeeded", "start_hook_source": {"module": "hooks", "type": "unknown", "more": 1, "none": None}},
    {"end_hook_source": SOURCE, "pause_hook_source": SOURCE, "init_hook_source": SOURCE, "init_hook_kwargs": {"a": None}},
    {"enable_cache": False, "model": {"name": "m"}, "tags": ["t", {"name": "u", "color": "red"}], "parameters": {"p": 1}, "execution_mode": "stop_on_failure"},
    {"model": {"name": "m", "version": 3, "tags": ["x"]}, "steps_to_skip": ["one"], "step_input_overrides": {"s": {"i": "6f1c9f5c-2a0b-4f7b-9d7e-0d9d9b9a1c11"}}},
]
STEPS = [
    {},
    {"settings": {"docker": {"parent_image": None, "apt": ["b"], "deep": {"x": None, "y": 2}}, "other": {"z": None}}},
    {"settings": {"resources": {"memory": "1GB"}, "orchestrator.k8s": {"pod": {"labels": {"b": "2"}, "none": None}}}},
    {"extra": {"a": 1, "list": [3], "scalar": {"now": "a dict"}, "none": None, "added": {"deep": {"er": 1}}}},
    {"extra": {"a": {"b": 2, "d": {"e": None}}, "scalar": {"x": {"y": None}}}},
    {"retry": {"max_retries": 1, "backoff": 2}},
    {"substitutions": {"env": "test", "more": "x"}},
    {"environment": {"B": "3", "C": "4"}},
    {"secrets": ["three", "one"]},
    {"cache_policy": {"include_step_code": True, "file_dependencies": ["f"], "ignored_inputs": ["y"]}},
    {"cache_policy": {"cache_func": {"module": "other", "attribute": None, "type": "user"}}},
    {"failure_hook_source": {"module": "mine", "attribute": None, "type": "user"}, "start_hook_source": {"module": "mine", "attribute": "f", "type": "builtin"}},
    {
        "outputs": {"out": {"materializer_source": SOURCE, "artifact_config": {"name": "a", "tags": ["x"], "artifact_type": "ModelArtifact"}}},
        "parameters": {"a": None, "b": [1]},
        "caching_parameters": {"k": "v"},
        "external_input_artifacts": {"e": {}},
        "model_artifacts_or_metadata": {"m": {"model_name": "x"}},
        "client_lazy_loaders": {"l": {"method_name": "get", "call_chain": [{"attribute_name": "x"}]}},
        "group": {"id": "g"},
        "runtime": "inline",
        "step_operator": True,
        "experiment_tracker": "mlflow",
        "model": {"name": "m", "version": "production"},
        "heartbeat_healthy_threshold": 20,
        "command": ["python"],
        "enable_cache": True,
    },
]


def merged(pipeline, stored, is_dynamic):
    return json.loads(Step.from_dict(json.loads(stored), pipeline, exclude_hook_sources=is_dynamic).model_dump_json())


def both(*parts):
    out = {}
    for part in parts:
        out.update(part)
    return out


def merges():
    # Pairs without a common field only show that both are kept, which the pairs with an empty side show already.
    pairs = [(p, s) for p, s in itertools.product(PIPELINES, STEPS) if not p or not s or set(p) & set(s)]
    chance = random.Random(98)
    pairs += [(both(*chance.sample(PIPELINES, 4)), both(*chance.sample(STEPS, 4))) for _ in range(40)]
    for pipeline_values, step_values in pairs:
        request = {"pipeline": {"name": "p", **pipeline_values}, "step": step(**step_values)}
        pipeline = PipelineConfiguration.model_validate(json.loads(json.dumps(request["pipeline"])))
        parsed = Step.model_validate(json.loads(json.dumps(request["step"])))
        stored = parsed.model_dump_json(exclude={"config"})
        stored_pipeline = json.loads(pipeline.model_dump_json())
        stored_pipeline["steps_to_skip"].sort()
        yield {
            "request": request,
            "stored": {"pipeline": stored_pipeline, "step": json.loads(stored)},
            "static": merged(pipeline, stored, False)["config"],
            # Dynamic pipelines differ in the hooks alone.
            "dynamic": {hook: merged(pipeline, stored, True)["config"][hook] for hook in HOOKS},
        }


def substitutions():
    for values, start in [
        ({}, "2026-11-22T13:25:13.901203"),
        ({}, "2026-01-02T03:04:05"),
        ({"date": "mine", "x": "y"}, "2026-01-02T03:04:05.000100"),
        ({"date": "mine", "time": "too"}, "2026-01-02T03:04:05.000100"),
    ]:
        configuration = PipelineConfiguration(name="p", substitutions=dict(values))
        yield {"substitutions": values, "start": start, "result": configuration.finalize_substitutions(datetime.fromisoformat(start))}


def templates():
    values = {"date": "2026_01_02", "time": "03_04_05", "env": "prod", "empty": ""}
    for text in [
        "run-{date}-{time}", "plain", "{env}{env}", "{{env}}", "{{{env}}}", "{env!s}", "{env!r}", "{env:>8}", "{env:<8}|", "{env:^8}|", "{env:*^8}", "{env:.2}", "{env:8.2}|",
        "{env:s}", "{missing}", "{}", "{0}", "{", "}", "a}b", "{env", "{empty}", "", "{ env }", "{env:d}", "{env!x}", "ünï {env}", "{env!r:>10}",
    ]:
        try:
            yield {"text": text, "substitutions": values, "result": format_name_template(text, substitutions=values)}
        except Exception as error:
            yield {"text": text, "substitutions": values, "error": type(error).__name__}


json.dump({"merges": list(merges()), "substitutions": list(substitutions()), "templates": list(templates())}, sys.stdout, ensure_ascii=False, separators=(",", ":"))

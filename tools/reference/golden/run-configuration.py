"""Expected values for apps/workspace-api/src/pipelines/run-configuration.rules.ts, as the installed package computes them."""

import json
import sys
from types import SimpleNamespace

from zenml.config.pipeline_configurations import PipelineConfiguration
from zenml.config.step_configurations import Step
from zenml.enums import StackComponentType
from zenml.zen_stores import template_utils

SOURCE = {"module": "my.module", "attribute": "function", "type": "user"}
with open(sys.argv[1]) as file:
    FLAVORS = {(flavor["type"], flavor["name"]): flavor["source"] for flavor in json.load(file)}


def without_prose(value):
    if isinstance(value, dict):
        return {key: without_prose(item) for key, item in value.items() if not (key == "description" and isinstance(item, str))}
    if isinstance(value, list):
        return [without_prose(item) for item in value]
    return value


def component(type_, flavor, name):
    model = SimpleNamespace(source=FLAVORS[type_, flavor], type=StackComponentType(type_), name=flavor, is_custom=False)
    return SimpleNamespace(type=type_, name=name, flavor_schema=SimpleNamespace(to_model=lambda: model))


def step(name, parameter_spec=None, **config):
    config = {"name": name, **config}
    spec = {"source": SOURCE, "upstream_steps": [], "invocation_id": name, "parameter_spec": parameter_spec}
    return {"spec": spec, "config": config, "step_config_overrides": config}


CASES = [
    {"pipeline": {}, "steps": {}, "stack": []},
    {"pipeline": {"parameters": {"p": 1}}, "steps": {"one": step("one")}, "stack": [["orchestrator", "local"]]},
    {"pipeline": {"parameters": {"rate": 0.5, "_hidden": "x", "my_NAME2go": None}}, "is_dynamic": True, "steps": {"one": step("one", runtime="inline")}, "stack": []},
    {
        "pipeline": {
            "enable_cache": False,
            "settings": {"docker": {"parent_image": "p"}, "resources": {"cpu_count": 1, "memory": None}},
            "extra": {"a": None, "b": {"c": None}},
            "model": {"name": "m", "tags": ["t"], "save_models_to_registry": True},
            "tags": ["t", {"name": "u", "color": "red", "exclusive": None}],
            "retry": {"max_retries": 3, "delay": 0},
            "failure_hook_source": SOURCE,
            "init_hook_source": {"module": "whole.module", "type": "user"},
            "init_hook_kwargs": {"a": None},
            "execution_mode": "stop_on_failure",
            "cache_policy": {"include_step_code": False, "cache_func": SOURCE, "source_dependencies": [{"module": "m", "type": "user"}]},
            "substitutions": {"x": "y"},
            "secrets": ["s"],
            "environment": {"A": 1},
            "steps_to_skip": ["one"],
        },
        "steps": {
            "one": step(
                "one",
                enable_cache=True,
                parameters={"learning_rate": 0.1, "_x": None, "x": 2},
                settings={"docker": {"a": 1}},
                retry={"max_retries": 1},
                model={"name": "m", "version": 2},
                group={"id": "g", "name": None},
                heartbeat_healthy_threshold=30,
                success_hook_source=SOURCE,
                cache_policy={"include_step_code": True},
                outputs={"out": {"materializer_source": [SOURCE]}},
                step_operator="sage",
                experiment_tracker=True,
            ),
            "_two": step("_two", heartbeat_healthy_threshold=20, cache_policy={"expires_after": 3}, settings={"resources": {"gpu_count": 0}}),
        },
        "stack": [["orchestrator", "kubernetes"], ["step_operator", "sagemaker"], ["experiment_tracker", "wandb"], ["experiment_tracker", "mlflow"], ["artifact_store", "s3"]],
    },
    {
        "pipeline": {},
        "steps": {
            "typed": step(
                "typed",
                {
                    "$defs": {"Inner": {"type": "object", "properties": {"other": {"$ref": "#/$defs/Other"}}}, "Other": {"type": "string"}, "Model": {"type": "integer"}},
                    "type": "object",
                    "properties": {"inner": {"$ref": "#/$defs/Inner"}, "model": {"$ref": "#/$defs/Model"}, "any": [{"$ref": "#/$defs/Other"}, {"$ref": "#/elsewhere"}]},
                },
                parameters={"inner": {}},
            ),
            "again": step("again", {"$defs": {"Other": {"type": "number"}}, "properties": {"o": {"$ref": "#/$defs/Other"}}}, parameters={"o": 1}),
        },
        "stack": [["orchestrator", "vm_aws"], ["step_operator", "modal"], ["alerter", "slack"]],
    },
]


def computed(case):
    stack = [component(type_, flavor, f"my-{flavor}") for type_, flavor in case["stack"]]
    snapshot = SimpleNamespace(is_dynamic=case.get("is_dynamic", False), run_name_template="run-{date}", build=SimpleNamespace(stack=SimpleNamespace(components=stack)))
    pipeline = PipelineConfiguration.model_validate({"name": "p", **json.loads(json.dumps(case["pipeline"]))})
    steps = {name: Step.model_validate(json.loads(json.dumps(value))) for name, value in case["steps"].items()}
    template = template_utils.generate_config_template(snapshot, pipeline, steps)
    return {
        "stored": {"pipeline": json.loads(pipeline.model_dump_json()), "steps": {name: json.loads(value.model_dump_json()) for name, value in steps.items()}},
        "is_dynamic": snapshot.is_dynamic,
        "stack": [{"type": type_, "flavor": flavor, "name": f"my-{flavor}"} for type_, flavor in case["stack"]],
        "template": json.loads(json.dumps(template, default=lambda value: getattr(value, "value", None) or str(value))),
        "schema": without_prose(template_utils.generate_config_schema(snapshot, pipeline, steps)),
    }


json.dump([computed(case) for case in CASES], sys.stdout, ensure_ascii=False, separators=(",", ":"))

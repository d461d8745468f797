"""
The parts from which the package builds the JSON schema of a run configuration: the fields of a pipeline and of a step, the settings of each
flavor, and every definition these refer to. Facts only: descriptions are left out.
"""

import json
import sys
from types import SimpleNamespace

from zenml.config.pipeline_configurations import PipelineConfiguration
from zenml.config.step_configurations import Step
from zenml.enums import StackComponentType
from zenml.zen_stores import template_utils

SOURCE = {"module": "m", "attribute": "f", "type": "user"}


def without_prose(value):
    if isinstance(value, dict):
        return {key: without_prose(item) for key, item in value.items() if not (key == "description" and isinstance(item, str))}
    if isinstance(value, list):
        return [without_prose(item) for item in value]
    return value


def component(type_, flavor, source):
    model = SimpleNamespace(source=source, type=StackComponentType(type_), name=flavor, is_custom=False)
    return SimpleNamespace(type=type_, name="c", flavor_schema=SimpleNamespace(to_model=lambda: model))


def schema(components, is_dynamic):
    snapshot = SimpleNamespace(is_dynamic=is_dynamic, run_name_template="r", build=SimpleNamespace(stack=SimpleNamespace(components=components)))
    config = {"name": "step"}
    step = {"spec": {"source": SOURCE, "upstream_steps": [], "invocation_id": "step"}, "config": config, "step_config_overrides": config}
    pipeline = PipelineConfiguration(name="p")
    return without_prose(template_utils.generate_config_schema(snapshot, pipeline, {"step": Step.model_validate(step)}))


made_here = {"Steps", "Settings", "Parameters", "ExperimentTrackers", "StepOperators", "step"}
definitions = {}


def collect(found):
    for name, definition in found["$defs"].items():
        if name in made_here:
            continue
        if definitions.setdefault(name, definition) != definition:
            raise SystemExit(f"{name} stands for two definitions")


static, dynamic = schema([], False), schema([], True)
collect(static)
collect(dynamic)
settings = {}
with open(sys.argv[1]) as flavors:
    for flavor in json.load(flavors):
        found = schema([component(flavor["type"], flavor["name"], flavor["source"])], False)
        collect(found)
        reference = found["$defs"]["Settings"]["properties"].get(f"{flavor['type']}:c")
        if reference:
            settings[f"{flavor['type']}/{flavor['name']}"] = reference["anyOf"][0]["$ref"].removeprefix("#/$defs/")

properties = {name: value for name, value in static["properties"].items() if name not in ("steps", "settings")}
step = static["$defs"]["step"]["properties"]
only_dynamic = {name: value for name, value in dynamic["$defs"]["step"]["properties"].items() if name not in step}
json.dump({"properties": properties, "step": step, "dynamic_step": only_dynamic, "settings": settings, "definitions": definitions}, sys.stdout)

"""Runs the pipeline once on a stack whose artifacts lie in a folder that the server can write to, and names a snapshot of it."""

import json
import sys

from zenml.client import Client
from zenml.enums import StackComponentType

from multiplying import multiplying

if __name__ == "__main__":
    target, artifacts = sys.argv[1:]
    client = Client()
    client.create_stack_component("shared", flavor="local", component_type=StackComponentType.ARTIFACT_STORE, configuration={"path": artifacts})
    stack = client.create_stack("shared", {StackComponentType.ORCHESTRATOR: "default", StackComponentType.ARTIFACT_STORE: "shared"})
    client.activate_stack(stack.id)
    run = multiplying()
    snapshot = multiplying.create_snapshot(name="nightly")
    with open(target, "w") as file:
        json.dump({"run": str(run.id), "snapshot": str(snapshot.id), "product": client.get_pipeline_run(run.id).steps["multiply"].output.load()}, file)

"""Three steps with artifacts of several types, metadata, tags and a model version, on the local orchestrator."""

from typing import Dict, Tuple

from typing_extensions import Annotated
from zenml import ArtifactConfig, Model, Tag, add_tags, get_step_context, log_metadata, pipeline, step
from zenml.client import Client

from common import finish, prefix

P = prefix()


@step
def produce() -> int:
    """Returns a number and says something about its step."""
    log_metadata(metadata={"rows": 3, "ratio": 0.5, "label": "first", "flag": True})
    print("producing")
    return 41


@step
def transform(
    number: int,
) -> Tuple[
    Annotated[str, "text"],
    Annotated[Dict[str, int], ArtifactConfig(name=f"{P}numbers", tags=["on-artifact"])],
]:
    """Returns a named output and one with a name of its own."""
    log_metadata(metadata={"nested": {"a": [1, 2, {"b": None}]}, "long": "x" * 300})
    log_metadata(metadata={"accuracy": 0.75}, artifact_name=f"{P}numbers", infer_artifact=True)
    return f"number {number}", {"one": 1, "many": number}


@step
def conclude(text: str, numbers: Dict[str, int], factor: int = 2) -> Annotated[int, "result"]:
    """Uses both outputs, a parameter, and writes to the run and to the model version."""
    context = get_step_context()
    log_metadata(metadata={"conclusion": text}, run_id_name_or_prefix=context.pipeline_run.id)
    log_metadata(metadata={"model_metric": 0.9}, infer_model=True)
    return numbers["many"] * factor


@pipeline(
    name=f"{P}three_steps",
    enable_cache=False,
    tags=["on-run", Tag(name="cascading", color="blue", cascade=True)],
    model=Model(name=f"{P}model", description="a model", tags=["on-model"], license="Apache-2.0"),
)
def three_steps() -> None:
    """Produces, transforms, concludes."""
    number = produce()
    text, numbers = transform(number)
    conclude(text, numbers)


if __name__ == "__main__":
    run = three_steps.with_options(run_name=f"{P}three-steps-1")()
    client = Client()
    add_tags(tags=["on-pipeline"], pipeline=f"{P}three_steps")
    add_tags(tags=["added-later"], run=run.id)
    version = client.get_artifact_version(f"{P}numbers")
    add_tags(tags=["version-tag"], artifact_version_id=version.id)
    again = client.get_pipeline_run(run.id)
    finish(
        {
            "status": str(again.status),
            "steps": {name: str(one.status) for name, one in sorted(again.steps.items())},
            "result": again.steps["conclude"].outputs["result"][0].load(),
            "numbers": version.load(),
            "model_version": str(again.model_version.number) if again.model_version else None,
        }
    )

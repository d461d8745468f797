"""A dynamic pipeline with mapped steps, a retried step, a failure nobody can print, and a promotion on the command line."""

import os
import tempfile
from typing import List

from click.testing import CliRunner
from zenml import Model, get_step_context, pipeline, step, unmapped
from zenml.cli.cli import cli
from zenml.client import Client
from zenml.config.retry_config import StepRetryConfig

from common import finish, prefix

P = prefix()


@step
def numbers() -> List[int]:
    return [1, 2, 3]


@step
def scaled(number: int, factor: int) -> int:
    return number * factor


@step
def total(values: List[int]) -> int:
    return sum(values)


@step(retry=StepRetryConfig(max_retries=2, delay=0, backoff=1))
def third_time_lucky() -> int:
    notes = os.path.join(tempfile.gettempdir(), str(get_step_context().pipeline_run.id))
    with open(notes, "a") as file:
        file.write("x")
        if file.tell() < 3:
            raise RuntimeError("not yet")
    return 3


@step
def unprintable() -> None:
    raise ValueError("ends with \x00")


@pipeline(name=f"{P}dynamic", dynamic=True, enable_cache=False)
def dynamic() -> None:
    total(scaled.map(numbers(), factor=unmapped(10)))


@pipeline(name=f"{P}retried", enable_cache=False, model=Model(name=f"{P}promoted"))
def retried() -> None:
    third_time_lucky()


@pipeline(name=f"{P}unprintable", enable_cache=False)
def failing() -> None:
    unprintable()


def statuses(name: str) -> dict:
    run = Client().get_pipeline_run(name)
    attempts = Client().list_run_steps(pipeline_run_id=run.id, exclude_retried=False, size=50)
    return {"run": str(run.status), "steps": sorted((one.name, str(one.status)) for one in attempts)}


def promote(version: str) -> dict:
    """What the command line asks before it takes a stage away from another version, and what comes of saying yes."""
    command = ["model", "version", "update", f"{P}promoted", version, "--stage", "production"]
    answer = CliRunner().invoke(cli, command, input="y\n")
    return {"code": answer.exit_code, "asked": "already taken" in answer.output}


if __name__ == "__main__":
    dynamic.with_options(run_name=f"{P}dynamic-1")()
    for index in (1, 2):
        retried.with_options(run_name=f"{P}retried-{index}")()
    raised = None
    try:
        failing.with_options(run_name=f"{P}unprintable-1")()
    except Exception as error:
        raised = type(error).__name__
    mapped = Client().get_pipeline_run(f"{P}dynamic-1").steps["total"]
    promotions = [promote("1"), promote("2")]
    finish(
        {
            "dynamic": statuses(f"{P}dynamic-1"),
            "total": mapped.outputs["output"][0].load(),
            "retried": statuses(f"{P}retried-1"),
            "unprintable": statuses(f"{P}unprintable-1"),
            "raised": raised,
            "promotions": promotions,
            "stages": {one.name: one.stage for one in Client().list_model_versions(model=f"{P}promoted").items},
        }
    )

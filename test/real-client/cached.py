"""The same pipeline twice: the second run takes every step from the first."""

from zenml import pipeline, step
from zenml.client import Client

from common import finish, prefix

P = prefix()


@step
def number() -> int:
    return 7


@step
def double(value: int) -> int:
    return 2 * value


@pipeline(name=f"{P}cached", enable_cache=True)
def cached() -> None:
    double(number())


if __name__ == "__main__":
    cached.with_options(run_name=f"{P}cached-1")()
    cached.with_options(run_name=f"{P}cached-2")()
    first, second = (Client().get_pipeline_run(f"{P}cached-{index}") for index in (1, 2))
    finish(
        {
            "first": {name: str(one.status) for name, one in sorted(first.steps.items())},
            "second": {name: str(one.status) for name, one in sorted(second.steps.items())},
            "second_status": str(second.status),
            "same_artifacts": [
                [v.id for v in first.steps[name].outputs["output"]] == [v.id for v in second.steps[name].outputs["output"]]
                for name in sorted(first.steps)
            ],
            "value": second.steps["double"].outputs["output"][0].load(),
        }
    )

"""A pipeline whose second step raises: the run fails, the third step never starts."""

from zenml import pipeline, step
from zenml.client import Client

from common import finish, prefix

P = prefix()


@step
def fine() -> int:
    return 1


@step
def broken(number: int) -> int:
    raise ValueError(f"cannot go on with {number}")


@step
def never(number: int) -> int:
    return number


@pipeline(name=f"{P}failing", enable_cache=False)
def failing() -> None:
    never(broken(fine()))


if __name__ == "__main__":
    raised = None
    try:
        failing.with_options(run_name=f"{P}failing-1")()
    except Exception as error:
        raised = type(error).__name__
    run = Client().get_pipeline_run(f"{P}failing-1")
    finish(
        {
            "raised": raised,
            "status": str(run.status),
            "steps": {name: str(one.status) for name, one in sorted(run.steps.items())},
            "exception": run.steps["broken"].exception_info is not None,
        }
    )

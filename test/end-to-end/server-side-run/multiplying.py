"""A pipeline that the server runs again with other parameters."""

import time

from typing_extensions import Annotated
from zenml import pipeline, step


@step
def produce(number: int = 3) -> int:
    """Gives a number."""
    return number


@step
def multiply(number: int, factor: float, wait: bool = False) -> Annotated[float, "product"]:
    """Multiplies, or waits until somebody ends it."""
    print(f"multiplying {number} by {factor}")
    while wait:
        time.sleep(0.1)
    return number * factor


@pipeline(enable_cache=False)
def multiplying() -> None:
    """Produces and multiplies."""
    multiply(produce(), factor=2.0)

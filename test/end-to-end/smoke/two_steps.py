"""A pipeline of two steps that works on a model: the one whose calls of the control plane were recorded."""

from zenml import Model, pipeline, step


@step
def load() -> int:
    return 41


@step
def train(value: int) -> None:
    print(value + 1)


@pipeline(enable_cache=False, model=Model(name="answer"))
def training() -> None:
    train(load())


if __name__ == "__main__":
    print(training().status.value)

"""Two runs of one pipeline from two processes at the same time: both complete, versions and indexes do not collide."""

import os
import subprocess
import sys
import tempfile

from zenml import pipeline, step
from zenml.client import Client

from common import finish, prefix

P = prefix()
COUNT = 2


@step
def one() -> int:
    return 1


@step
def two(value: int) -> int:
    return value + 1


@pipeline(name=f"{P}parallel", enable_cache=False)
def parallel() -> None:
    two(one())


def start(index: int) -> "subprocess.Popen[bytes]":
    # Two clients may not share one configuration folder, but their artifacts must end up in one place to be loaded later.
    folder = tempfile.mkdtemp(prefix="parallel-")
    environment = {**os.environ, "ZENML_CONFIG_PATH": folder, "REAL_CLIENT_CHILD": str(index)}
    return subprocess.Popen([sys.executable, __file__], env=environment, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    child = os.environ.get("REAL_CLIENT_CHILD")
    if child:
        parallel.with_options(run_name=f"{P}parallel-{child}")()
        sys.exit(0)
    codes = [process.wait() for process in [start(index) for index in range(COUNT)]]
    runs = [Client().get_pipeline_run(f"{P}parallel-{index}") for index in range(COUNT)]
    versions = Client().list_artifact_versions(artifact=f"{P}parallel::two::output", size=100)
    finish(
        {
            "codes": codes,
            "statuses": [str(run.status) for run in runs],
            "indexes": sorted(run.index for run in runs),
            "versions": sorted(str(version.version) for version in versions),
        }
    )

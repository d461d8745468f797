"""Stands in for the real entrypoint where only the queue is of interest: notes that it was started, works a moment, and reports its run over REST."""

import json
import os
import random
import sys
import time
import urllib.request

run = sys.argv[sys.argv.index("--run_id") + 1]
server = os.environ["ZENML_STORE_URL"]
log = os.path.join(os.environ["PYTHONPATH"], "log")


def note(what):
    # One short write to a file opened for appending is never torn or lost among those of other processes.
    with open(log, "a") as file:
        file.write(f"{what} {run} {os.getpid()} {server}\n")


def report(status):
    request = urllib.request.Request(
        f"{server}/api/v1/runs/{run}",
        data=json.dumps({"status": status}).encode(),
        headers={"Content-Type": "application/json", "Authorization": f"Bearer {os.environ['ZENML_STORE_API_TOKEN']}"},
        method="PUT",
    )
    urllib.request.urlopen(request, timeout=30).read()


note("start")
report("running")
time.sleep(random.uniform(0.2, 0.8))
report("completed")
note("end")

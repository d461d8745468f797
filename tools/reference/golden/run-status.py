"""Expected values for apps/workspace-api/src/runs/status.rules.ts and dag.rules.ts, as the installed package computes them."""

import itertools
import json
import random
from graphlib import TopologicalSorter
from types import SimpleNamespace

from zenml.enums import ExecutionStatus
from zenml.exceptions import IllegalOperationError
from zenml.zen_stores.schemas.pipeline_run_schemas import PipelineRunSchema, _compute_static_pipeline_run_status
from zenml.zen_stores.sql_zen_store import SqlZenStore

STATUSES = list(ExecutionStatus)
STEPS = [[], ["running"], ["completed"], ["completed", "cached"], ["failed", "running"], ["stopped", "running"], ["stopped", "completed"], ["retrying"]]
STEP_COUNT = 2


def next_status(current, requested, is_dynamic, is_child, reason, steps):
    run = SimpleNamespace(
        status=current.value,
        parent_run_id="parent" if is_child else None,
        snapshot=SimpleNamespace(is_dynamic=is_dynamic, step_count=STEP_COUNT),
        _get_step_run_statuses=lambda: [ExecutionStatus(step) for step in steps],
        _check_if_run_in_progress=lambda: False,
        end_time=None,
        status_reason=None,
    )
    try:
        changed = PipelineRunSchema.update_status(run, requested, reason)
    except IllegalOperationError:
        return "refused"
    return run.status if changed else "unchanged"


def step_transition(current, new):
    try:
        SqlZenStore._verify_step_status_transition(None, current, new)
    except IllegalOperationError:
        return False
    return True


def orders():
    generator = random.Random(1)
    for size in range(1, 9):
        for _ in range(6):
            names = [f"s{i}" for i in range(size)]
            upstream = {name: sorted(generator.sample(names[:i], generator.randint(0, min(i, 3)))) for i, name in enumerate(names)}
            shuffled = dict(generator.sample(list(upstream.items()), size))
            yield {"steps": shuffled, "order": list(TopologicalSorter(shuffled).static_order())}


print(
    json.dumps(
        {
            "static": [
                [base.value, steps, count, _compute_static_pipeline_run_status(base, [ExecutionStatus(step) for step in steps], count).value]
                for base, steps, count in itertools.product(STATUSES, STEPS, [1, 2])
            ],
            "changes": [
                [current.value, requested and requested.value, is_dynamic, is_child, reason, steps, next_status(current, requested, is_dynamic, is_child, reason, steps)]
                for current, requested, (is_dynamic, steps), (is_child, reason) in itertools.product(
                    STATUSES,
                    [None, *STATUSES],
                    [(True, []), (False, []), (False, ["running"]), (False, ["completed", "cached"]), (False, ["failed", "running"])],
                    [(False, None), (True, "why")],
                )
            ],
            "steps": [[current and current.value, new.value, step_transition(current, new)] for current, new in itertools.product([None, *STATUSES], STATUSES)],
            "orders": list(orders()),
        },
        separators=(",", ":"),
    )
)

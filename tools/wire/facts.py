"""Prints facts that an OpenAPI document cannot hold, read from an installed server package.

Run it with the Python of an environment in which the server package is installed; the JSON goes to generate.mjs.
Names, types and numbers only.
"""

import enum
import inspect
import json
import os
import sys
import typing
import uuid
from datetime import datetime

# Routes that exist only when these features are on are wanted too.
os.environ.setdefault("ZENML_SERVER_WORKLOAD_MANAGER_IMPLEMENTATION_SOURCE", "builtins.object")
os.environ.setdefault("ZENML_SERVER_RBAC_IMPLEMENTATION_SOURCE", "builtins.object")
os.environ.setdefault("ZENML_LOGGING_VERBOSITY", "ERROR")
os.environ.setdefault("ZENML_ANALYTICS_OPT_IN", "false")

from pydantic import BaseModel  # noqa: E402
from zenml.models.v2.base.filter import BaseFilter  # noqa: E402
from zenml.zen_server.zen_server_api import app  # noqa: E402


def cell(function, name):
    while function is not None:
        names = function.__code__.co_freevars if hasattr(function, "__code__") else ()
        if name in names:
            return function.__closure__[names.index(name)].cell_contents
        function = getattr(function, "__wrapped__", None)
    return None


def leaves(annotation):
    arguments = typing.get_args(annotation)
    if typing.get_origin(annotation) is typing.Annotated:
        return leaves(arguments[0])
    if not arguments:
        return [annotation]
    return [leaf for argument in arguments for leaf in leaves(argument)]


def kind_of(annotation):
    found = set(leaves(annotation)) - {type(None)}
    for type_, name in ((uuid.UUID, "uuid"), (datetime, "datetime"), (bool, "bool"), (int, "int"), (float, "float")):
        if type_ in found:
            return name
    for leaf in found:
        if isinstance(leaf, type) and issubclass(leaf, enum.Enum):
            return "enum:" + leaf.__name__
    return "str"


def plain(value):
    return json.loads(json.dumps(value, default=lambda v: v.value if isinstance(v, enum.Enum) else str(v)))


def filter_facts(cls):
    return {
        "fields": {name: kind_of(field.annotation) for name, field in cls.model_fields.items()},
        "list": sorted(
            name for name, field in cls.model_fields.items()
            if any(typing.get_origin(a) is list for a in typing.get_args(field.annotation))
        ),
        "text": sorted(name for name, field in cls.model_fields.items() if str in leaves(field.annotation)),
        "excluded": list(dict.fromkeys(cls.FILTER_EXCLUDE_FIELDS)),
        "customSorts": list(dict.fromkeys(cls.CUSTOM_SORTING_OPTIONS)),
        "defaults": {
            name: plain(field.default) for name, field in cls.model_fields.items() if field.default is not None
        },
        "bases": [base.__name__ for base in cls.__mro__ if issubclass(base, BaseModel) and base is not BaseModel],
    }


def subclasses(cls):
    for child in cls.__subclasses__():
        yield child
        yield from subclasses(child)


def all_routes(routes):
    for route in routes:
        included = getattr(route, "original_router", None)
        if included is None:
            yield route
        else:
            yield from all_routes(included.routes)


handlers, filters = [], {}
for route in all_routes(app.routes):
    endpoint = getattr(route, "endpoint", None)
    if endpoint is None or not hasattr(route, "methods"):
        continue
    filter_class = None
    for parameter in inspect.signature(endpoint).parameters.values():
        dependency = getattr(parameter.default, "dependency", None)
        cls = cell(dependency, "cls") if inspect.isfunction(dependency) else None
        if inspect.isclass(cls) and issubclass(cls, BaseFilter):
            filter_class = cls
    if filter_class:
        filters[filter_class.__name__] = filter_facts(filter_class)
    for method in sorted(route.methods - {"HEAD"}):
        handlers.append(
            {
                "method": method.lower(),
                "path": route.path,
                "handler": endpoint.__name__,
                "filter": filter_class.__name__ if filter_class else None,
                "deduplicate": cell(endpoint, "deduplicate"),
                "returns": str(inspect.signature(endpoint).return_annotation),
            }
        )

factories, configs = {}, {}
for model in set(subclasses(BaseModel)):
    if not model.__module__.startswith("zenml."):
        continue
    config = {k: str(v) for k, v in model.model_config.items() if k in ("coerce_numbers_to_str", "str_strip_whitespace", "use_enum_values", "extra", "strict")}
    if config and config != {"extra": "ignore"}:
        configs[model.__name__] = config
    for name, field in model.model_fields.items():
        if field.default_factory is not None:
            factory = field.default_factory
            try:
                value = "<uuid>" if factory is uuid.uuid4 else factory()
                value = plain(value.model_dump(mode="json") if isinstance(value, BaseModel) else list(value) if isinstance(value, set) else value)
            except Exception as error:  # a factory that needs its model's data
                value = f"<{type(error).__name__}>"
            factories.setdefault(model.__name__, {})[field.alias or name] = value

modules = {}
for cls in [*subclasses(BaseModel), *subclasses(enum.Enum)]:
    if cls.__module__.startswith("zenml."):
        modules.setdefault(cls.__name__, cls.__module__)

json.dump({"modules": modules, "handlers": handlers, "filters": filters, "factories": factories, "configs": configs}, sys.stdout, indent=1)

"""Which catalog each gateway has, without a connection.

Only the catalog of a connection matters to a load: it is a part of every name. It is what
`ConnectionConfig.get_catalog` reads from the configuration; drivers, variables and servers may be missing.
"""

from __future__ import annotations

import re
import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from typing import Any

from .. import internals
from .connection import Connection

# Stands for a catalog that is not known here, in the names of models and of what they read alike. Asset keys
# with it are not Dagster's (assetKeys.ts).
UNKNOWN_CATALOG = "unknown_catalog"
# What Python and jinja write for a variable without a value, and that after a filter such as `upper`.
WRITTEN_FOR_UNSET = re.compile("None(?![a-z])")
IN_ANOTHER_CASE = re.compile("(?<![a-z])none(?![a-z])", re.IGNORECASE)


class Notices:
    def __init__(self) -> None:
        self.found: list[dict[str, str]] = []

    def add(self, code: str, message: str) -> None:
        notice = {"code": code, "message": message}
        if notice not in self.found:
            self.found.append(notice)


class MissingDrivers(MetaPathFinder, Loader):
    """Stands in for drivers that are not installed, where SQLMesh's connections import them.

    Only there, and only while the configuration is read: the project's own code, and a driver that is
    installed, must still see that a package is missing, which they may well do without.
    """

    def __init__(self, connection_module: str) -> None:
        self.connection_module = connection_module
        self.provided: list[str] = []

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Any:
        frame: Any = sys._getframe(1)
        while frame is not None and is_import_machinery(frame):
            frame = frame.f_back
        importer = None if frame is None else frame.f_globals.get("__name__")
        if importer != self.connection_module:
            return None
        return ModuleSpec(fullname, self, is_package=True)

    def exec_module(self, module: Any) -> None:
        def constant(name: str) -> str:
            if name.startswith("__"):
                raise AttributeError(name)
            return name

        module.__getattr__ = constant
        self.provided.append(module.__name__)

    def withdraw(self) -> None:
        sys.meta_path[:] = [finder for finder in sys.meta_path if finder is not self]
        for name in self.provided:
            sys.modules.pop(name, None)


def is_import_machinery(frame: Any) -> bool:
    return str(frame.f_globals.get("__name__")).startswith(("importlib", "_frozen_importlib"))


class Connections:
    """Lets configurations load whose drivers, variables or servers are not there."""

    def __init__(self, notices: Notices) -> None:
        self.notices = notices
        self.stubs: dict[int, tuple[Any, dict[str, Any]]] = {}
        self.drivers = MissingDrivers(connection_module="sqlmesh.core.config.connection")
        # Whether the configuration has asked for a variable that is not set: SQLMesh writes `None` for it.
        self.unset = False
        # Gateways whose catalog only their server knows, or a variable that is not set here.
        self.unknown: list[dict[str, str]] = []

    def without_drivers(self) -> None:
        from sqlmesh.core.config import connection

        sys.meta_path.append(self.drivers)
        self.watch_variables()
        original = internals.parse_connection_config.value

        def parse(values: dict[str, Any]) -> Any:
            given = dict(values)
            try:
                return original(values)
            except Exception as error:  # noqa: BLE001 - each connection has its own reasons
                stub = connection.DuckDBConnectionConfig()
                self.stubs[id(stub)] = (stub, given)
                kind = given.get("type", "unknown")
                self.notices.add(
                    "connection",
                    f"a {kind} connection is incomplete here ({type(error).__name__}); "
                    "only its catalog was read",
                )
                return stub

        internals.parse_connection_config.replace(parse)

    def watch_variables(self) -> None:
        methods = internals.jinja_methods.value
        original = methods["env_var"]

        def env_var(*args: Any, **kwargs: Any) -> Any:
            value = original(*args, **kwargs)
            self.unset = self.unset or value is None
            return value

        methods["env_var"] = env_var

    def give_catalogs(self, context: Any) -> None:
        """What `default_catalog_per_gateway` gives after connecting to every gateway
        (`BuiltInSchedulerConfig.get_default_catalog_per_gateway`)."""
        self.drivers.withdraw()
        catalogs: dict[str, str] = {}
        seen: set[str] = set()
        without: list[tuple[str, Any]] = []
        for config in context.configs.values():
            for gateway in [context.selected_gateway, *config.gateways]:
                if gateway in seen:
                    continue
                seen.add(gateway)
                connection = self.described(config.get_connection(gateway))
                if not connection.has_catalogs:
                    without.append((gateway, connection))
                    continue
                catalog = connection.catalog
                if catalog is None or self.is_unset(catalog):
                    catalog = UNKNOWN_CATALOG
                    self.unknown.append({"gateway": gateway, "connection": connection.kind})
                catalogs[gateway] = catalog
        if catalogs:
            # Beside engines with catalogs some others get one too (newer SQLMesh).
            for gateway, connection in without:
                catalog = connection.virtual_catalog(gateway)
                if catalog:
                    catalogs[gateway] = catalog
        set_catalogs(context, catalogs)

    def described(self, connection: Any) -> Connection:
        _, values = self.stubs.get(id(connection), (None, None))
        return Connection(connection) if values is None else Connection.unvalidated(values)

    def is_unset(self, catalog: str) -> bool:
        """Whether the text has in it what is written for a variable that is not set."""
        found = WRITTEN_FOR_UNSET.search(catalog) or (
            self.unset and IN_ANOTHER_CASE.search(catalog)
        )
        return bool(found)


def set_catalogs(context: Any, catalogs: dict[str, str]) -> None:
    """A cached property since 0.189, plain attributes before."""
    vars(context)[internals.cached_catalogs.name] = catalogs
    internals.catalog_per_gateway.set(context, catalogs)
    internals.default_catalog.set(context, catalogs.get(context.selected_gateway))

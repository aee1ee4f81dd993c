"""Which catalog each gateway has, without a connection.

Only the catalog of a connection matters to a load: it is a part of every name. It is read from the
configuration, as `ConnectionConfig.get_catalog` does; drivers, variables and servers may be missing.
"""

from __future__ import annotations

import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from typing import Any

# Engines without catalogs: their models have names of two parts (`catalog_support` of their adapters).
NO_CATALOG = {"mysql", "clickhouse", "starrocks"}


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

    def without_drivers(self) -> None:
        from sqlmesh.core.config import connection

        sys.meta_path.append(self.drivers)
        original = connection.parse_connection_config

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

        connection.parse_connection_config = parse

    def give_catalogs(self, context: Any) -> None:
        """What `default_catalog_per_gateway` gives after connecting to every gateway."""
        self.drivers.withdraw()
        found: dict[str, str | None] = {}
        without: list[tuple[str, Any]] = []
        for config in context.configs.values():
            for gateway in [context.selected_gateway, *config.gateways]:
                if gateway in found:
                    continue
                connection = config.get_connection(gateway)
                kind, catalog = self.catalog_of(connection)
                if kind in NO_CATALOG:
                    without.append((gateway, connection))
                elif catalog is None and gateway == context.selected_gateway:
                    self.notices.add(
                        "catalog-unknown",
                        f"the gateway `{gateway}` ({kind}) names no catalog, which only its server "
                        "knows; asset keys may lack it. Name the database in the configuration",
                    )
                found[gateway] = None if kind in NO_CATALOG else catalog
        catalogs = {gateway: catalog for gateway, catalog in found.items() if catalog}
        if catalogs:
            self.add_virtual_catalogs(catalogs, without)
        set_catalogs(context, catalogs)

    def catalog_of(self, connection: Any) -> tuple[str, str | None]:
        stub = self.stubs.get(id(connection))
        if stub is None:
            kind = connection.type_
            catalog = connection.get_catalog() if hasattr(connection, "get_catalog") else None
        else:
            kind, catalog = stub[1].get("type", "unknown"), configured_catalog(stub[1])
        if catalog is None:
            catalog = {"duckdb": "memory", "athena": "awsdatacatalog"}.get(kind)
        return kind, catalog

    def add_virtual_catalogs(
        self, catalogs: dict[str, str], without: list[tuple[str, Any]]
    ) -> None:
        """Beside engines with catalogs ClickHouse gets one too (newer SQLMesh)."""
        from sqlmesh.core.engine_adapter.base import EngineAdapter

        if not hasattr(EngineAdapter, "supports_virtual_catalog"):
            return
        for gateway, connection in without:
            if getattr(connection, "type_", "") == "clickhouse":
                catalogs[gateway] = getattr(connection, "virtual_catalog", None) or gateway


def configured_catalog(values: dict[str, Any]) -> str | None:
    fields = {"bigquery": ["project"], "athena": ["catalog_name"]}
    for field in fields.get(values.get("type", ""), ["catalog", "database", "db"]):
        if values.get(field):
            return str(values[field])
    return None


def set_catalogs(context: Any, catalogs: dict[str, str]) -> None:
    """A cached property since 0.189, plain attributes before."""
    context.__dict__["default_catalog_per_gateway"] = catalogs
    context._default_catalog_per_gateway = catalogs
    context._default_catalog = catalogs.get(context.selected_gateway)

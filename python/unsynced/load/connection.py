"""What a connection's configuration tells of its catalogs, by SQLMesh's own rules, without a connection."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from .. import internals

# Engines without catalogs, where their adapters cannot be asked.
NO_CATALOG = {"mysql", "clickhouse", "starrocks"}
# Catalogs of those that have one without asking a server, and the setting that names another.
DEFAULT_CATALOGS = {
    "duckdb": ("memory", "database"),
    "athena": ("awsdatacatalog", "catalog_name"),
}


class Connection:
    """One gateway's connection, of which only the configuration is known."""

    def __init__(self, config: Any) -> None:
        self.config = config
        self.kind = str(getattr(config, "type_", "unknown"))
        self.given = getattr(config, "model_fields_set", set())

    @classmethod
    def unvalidated(cls, values: dict[str, Any]) -> Connection:
        """Of a connection that cannot be made here, as for lack of a variable."""
        from sqlmesh.core.config.connection import CONNECTION_CONFIG_TO_TYPE

        kind = values.get("type", "unknown")
        config_class = CONNECTION_CONFIG_TO_TYPE.get(kind)
        if config_class is None:
            return cls(SimpleNamespace(type_=kind, get_catalog=lambda: named_catalog(values)))
        named = {**values, "type_": kind}
        return cls(config_class.model_construct(set(named), **named))

    @property
    def catalog(self) -> str | None:
        """As it is configured, or always is; None if the server would be asked."""
        found = attempt(lambda: self.config.get_catalog())
        if found:
            return str(found)
        default, setting = DEFAULT_CATALOGS.get(self.kind, (None, ""))
        # What is given and empty is so for lack of a variable.
        return None if setting in self.given else default

    @property
    def has_catalogs(self) -> bool:
        """`EngineAdapter.catalog_support`: names of the other engines have two parts."""
        adapter = self.adapter()
        known = attempt(lambda: not adapter.catalog_support.is_unsupported)
        return self.kind not in NO_CATALOG if known is None else known

    def virtual_catalog(self, gateway: str) -> str | None:
        """What SQLMesh calls the catalog of an engine without any, where others have them."""
        adapter = self.adapter()
        if not attempt(lambda: adapter.supports_virtual_catalog()):
            return None
        adapter.inject_virtual_catalog(gateway)
        return str(adapter.default_catalog)

    def adapter(self) -> Any:
        """The connection's engine adapter, which has not been made and cannot connect."""
        adapter_class = attempt(lambda: internals.engine_adapter.get(self.config))
        if adapter_class is None:
            return None
        adapter = object.__new__(adapter_class)
        given = attempt(lambda: internals.extra_engine_config.get(self.config))
        internals.adapter_catalog.set(adapter, None)
        internals.adapter_config.set(adapter, given or {})
        return adapter


def named_catalog(values: dict[str, Any]) -> Any:
    """Of a connection of a kind that this SQLMesh does not know (`ConnectionConfig.get_catalog`)."""
    names = (values.get(name) for name in ("catalog", "database", "db", "project"))
    return next((name for name in names if name), None)


def attempt(work: Callable[[], Any]) -> Any:
    """None where the configuration is not complete enough for it."""
    try:
        return work()
    except Exception:  # noqa: BLE001 - each connection has its own reasons
        return None

from pathlib import Path

from dg_sqlmesh import sqlmesh_definitions_factory

from dagster import AssetSpec


def with_code_version(spec: AssetSpec) -> AssetSpec:
    """dg-sqlmesh 1.x leaves SQLMesh's data_hash in the metadata; Dagster compares code_version."""
    entry = spec.metadata.get("code_version")
    data_hash = getattr(entry, "value", entry)
    return spec.replace_attributes(code_version=str(data_hash)) if data_hash else spec


defs = sqlmesh_definitions_factory(
    project_dir=str(Path(__file__).parent),
    gateway="local",
    environment="prod",
).map_resolved_asset_specs(func=with_code_version)

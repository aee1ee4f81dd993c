"""Asset keys by dg-sqlmesh's own translator where the server is asked for its catalog, as JSON on the last line:
fqn → [key, keys of what it reads].

Stock SQLMesh with its real connections and engine adapters; drivers are stood in for, and the server answers the
word that is the first argument. Then the project folder, and the gateway if it is not the default one.
"""

import importlib.abc
import importlib.machinery
import json
import os
import sys
from unittest.mock import MagicMock

DRIVERS = (
    "azure",
    "clickhouse_connect",
    "cryptography",
    "databricks",
    "google",
    "mssql_python",
    "pyathena",
    "pymssql",
    "pymysql",
    "pyodbc",
    "psycopg2",
    "pyspark",
    "redshift_connector",
    "snowflake",
    "trino",
)


class Drivers(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in DRIVERS:
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec):
        module = MagicMock(name=spec.name)
        module.__path__, module.__spec__, module.__name__ = [], spec, spec.name
        module.__version__ = "99.0.0"
        return module

    def exec_module(self, module):
        pass


served, project, *gateway = sys.argv[1:]
sys.meta_path.append(Drivers())
import google.auth

google.auth.default = lambda *args, **kwargs: (MagicMock(), served)

from dg_sqlmesh.translator import SQLMeshTranslator
from sqlmesh.core.engine_adapter.base import EngineAdapter

from sqlmesh import Context


def adapters(kind):
    for one in kind.__subclasses__():
        yield one
        yield from adapters(one)


def current_catalog(self):
    return served if self.dialect != "duckdb" or self._is_motherduck else "memory"


for adapter in [EngineAdapter, *adapters(EngineAdapter)]:
    if "get_current_catalog" in vars(adapter):
        adapter.get_current_catalog = current_catalog

os.chdir(project)
context = Context(paths=project, gateway=next(iter(gateway), None), load=False)
context._projects, context._load_state = set(), False
context.load()
translator = SQLMeshTranslator()
keys = {
    model.fqn: [
        list(translator.get_asset_key(model).path),
        sorted(list(key.path) for key in translator.get_model_deps_with_external(context, model)),
    ]
    for model in context._models.values()
    if model.kind.name != "EXTERNAL"
}
print()
print(json.dumps(keys))

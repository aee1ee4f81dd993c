"""What code may name and still read no file, with the reason for each group.

Code gets at a file only through an object that does it: a function of Python's own, a module, a path, a
connection. So code that can name none of these reads none, whatever it calls: of an unknown object it may
use the attributes in ATTRIBUTES alone, none of which reads, runs or finds anything in any object that
SQLMesh hands to a project's code while it loads.
"""

from __future__ import annotations

import builtins
import sys

# Values and texts from values and texts. Without `getattr`, `type`, `vars`, `eval` and the like, which make
# names of texts; without `open` and `input`.
_BUILTINS = """
    False None True NotImplemented Ellipsis abs all any ascii bin bool callable
    classmethod complex dict divmod enumerate filter float frozenset hash hex int isinstance issubclass
    iter len list map max min next object oct ord pow print property range repr reversed round set slice sorted
    staticmethod str sum tuple zip __name__
"""
# Without `bytes`, `chr` and `format` too, which make the sign of a macro's call of a number (closed/macro_calls.py).
BUILTINS = frozenset(_BUILTINS.split()) | {
    name
    for name, value in vars(builtins).items()
    if isinstance(value, type) and issubclass(value, BaseException)
}
# Some of them are only there where `site` is.
ALL_BUILTINS = frozenset(dir(builtins)) | {
    "copyright",
    "credits",
    "exit",
    "help",
    "license",
    "quit",
}

# Of texts, numbers, lists, dicts, sets and dates (and matches of patterns), which only give such again.
_VALUES = """
    add append appendleft as_integer_ratio astimezone capitalize casefold center clear combine copy count date day
    days decode default_factory difference discard encode end endswith extend find findall finditer format
    fromisoformat fromkeys fromordinal fromtimestamp fullmatch get group groupdict groups hexdigest hour index
    insert intersection isalnum isalpha isdecimal isdigit isidentifier islower isnumeric isocalendar isoformat
    isoweekday isspace issubset issuperset isupper items join keys ljust lower lstrip match max
    microsecond min minute month most_common now partition pop popitem popleft quantize remove removeprefix
    removesuffix replace reverse rfind rindex rjust rpartition rsplit rstrip search second seconds setdefault
    sort span split splitlines start startswith strftime strip strptime sub subn substitute swapcase
    symmetric_difference time timestamp title today toordinal total_seconds union update upper utc
    utcnow value values weekday year zfill
"""
# Of sqlglot's expressions, which are values too.
_EXPRESSIONS = """
    alias alias_or_name and_ args as_ asc between bfs build catalog ctes db desc dfs distinct eq expression
    expressions find_all find_ancestor flatten from_ group_by having is_ is_int is_leaf is_number is_star
    is_string is_type isin key kind lateral like limit name named_selects neq not_ or_ order_by output_name parent
    parts quoted select selects set sql subquery table text this to_py transform type unnest walk where with_
"""
# Of SQLMesh's MacroEvaluator: what the configuration and the model say. Without `eval_expression`, which runs a
# text, `engine_adapter`, `locals` and `get_snapshot`.
_EVALUATOR = (
    "blueprint_var columns_to_types default_catalog dialect gateway parse_one runtime_stage var"
)
ATTRIBUTES = frozenset(f"{_VALUES} {_EXPRESSIONS} {_EVALUATOR}".split())

_CONFIG = """
    AthenaConnectionConfig AutoCategorizationMode AzureSQLConnectionConfig BigQueryConnectionConfig
    BuiltInSchedulerConfig CategorizerConfig ClickhouseConnectionConfig Config DatabricksConnectionConfig
    DuckDBConnectionConfig EnvironmentSuffixTarget FabricConnectionConfig FormatConfig
    GCPPostgresConnectionConfig GatewayConfig LinterConfig MSSQLConnectionConfig ModelDefaultsConfig
    MotherDuckConnectionConfig MySQLConnectionConfig NameInferenceConfig PlanConfig PostgresConnectionConfig
    RedshiftConnectionConfig RunConfig SnowflakeConnectionConfig SparkConnectionConfig TableNamingConvention
    TrinoConnectionConfig UIConfig
"""
_KINDS = """
    EmbeddedKind FullKind IncrementalByPartitionKind IncrementalByTimeRangeKind IncrementalByUniqueKeyKind
    IncrementalUnmanagedKind ModelKindName SCDType2ByColumnKind SCDType2ByTimeKind TimeColumn ViewKind
"""
_SQLGLOT = """
    Expression alias and_ case cast column condition from_ func maybe_parse not_ or_ parse parse_one select
    subquery table to_column to_identifier to_table union
"""
_EXP = """
    alias_ and_ array case cast column column_table_names condition convert delete except_ false from_ func insert
    intersect maybe_parse not_ null or_ paren select subquery table_ table_name to_column to_identifier
    to_interval to_table true tuple_ union update values var
"""
# A name that begins with a capital is a class of sqlglot's expressions, or a constant.
CAPITALS = "*"
# But for one that evaluates texts, and some whose SQL begins with the sign of a macro's call.
NOT_GIVEN = {"ForwardRef", "Parameter", "SessionParameter"}

# By module, what it gives that is a value, makes one, or registers with SQLMesh. Of other modules nothing may be
# used.
NAMES: dict[str, frozenset[str]] = {
    module: frozenset(names.split())
    for module, names in {
        "__future__": "annotations",
        "abc": "ABC abstractmethod",
        "collections": "ChainMap Counter OrderedDict defaultdict deque namedtuple",
        "collections.abc": CAPITALS,
        "dataclasses": "asdict dataclass field replace",
        "datetime": "UTC date datetime time timedelta timezone",
        "decimal": "Decimal ROUND_DOWN ROUND_HALF_EVEN ROUND_HALF_UP ROUND_UP",
        "enum": "Enum IntEnum StrEnum auto unique",
        "functools": "cache lru_cache partial reduce",
        "hashlib": "md5 sha1 sha256 sha512",
        "itertools": "accumulate chain combinations count cycle groupby islice pairwise permutations product "
        "repeat starmap takewhile zip_longest",
        # Without `loads`, which knows escapes.
        "json": "dumps",
        "math": "ceil exp floor inf isnan log log10 nan pi pow sqrt trunc",
        # Variables of the environment are equal for both commits: a changed .env means everything.
        "os": "environ getenv",
        "pandas": "DataFrame Series Timestamp",
        "re": "A ASCII DOTALL I IGNORECASE M MULTILINE Match Pattern S VERBOSE X compile escape findall finditer "
        "fullmatch match search split sub subn",
        "sqlglot": _SQLGLOT,
        "sqlglot.expressions": f"{_EXP} {CAPITALS}",
        # Without `Context`, which loads a project.
        "sqlmesh": "CustomMaterialization DatetimeRanges ExecutionContext MacroEvaluator Model SQL macro model "
        "signal",
        # Descriptions; a connection is not opened. Without `loader`, which may be anything.
        "sqlmesh.core.config": _CONFIG,
        "sqlmesh.core.macros": "MacroEvaluator RuntimeStage SQL macro",
        "sqlmesh.core.model": f"{_KINDS} Model model",
        "sqlmesh.core.model.kind": _KINDS,
        "sqlmesh.utils.date": "DatetimeRanges",
        "sqlmesh.utils.errors": "ConfigError MacroEvalError SQLMeshError",
        "string": "ascii_letters ascii_lowercase ascii_uppercase digits",
        "textwrap": "dedent indent",
        # Without `get_type_hints`, which evaluates texts.
        "typing": f"cast overload {CAPITALS}",
        "typing_extensions": CAPITALS,
    }.items()
}
# Only to say what a value is. Made anew, an evaluator runs the texts that it is given as Python, and pandas
# finds functions by texts.
TYPES_ONLY = frozenset(
    f"{module}.{name}"
    for module, names in {
        "pandas": "DataFrame Series Timestamp",
        "sqlmesh": "ExecutionContext MacroEvaluator Model",
        "sqlmesh.core.macros": "MacroEvaluator",
        "sqlmesh.core.model": "Model",
    }.items()
    for name in names.split()
)
# The same modules by another name.
ALIASES = {"sqlglot.exp": "sqlglot.expressions"}

# Python's own and what SQLMesh itself imports: importing these reads nothing of a project, which need not mean
# that their functions do not.
_IMPORTABLE = """
    base64 calendar concurrent concurrent.futures contextlib copy csv glob html http http.client inspect io
    logging numpy operator os.path pathlib pickle random shutil statistics subprocess sys tempfile threading time
    traceback types urllib urllib.parse urllib.request uuid warnings zoneinfo
"""
IMPORTABLE = frozenset(_IMPORTABLE.split()) | NAMES.keys() | ALIASES.keys()

# What SQLMesh itself imports, of Python's own or of others: whoever imports one of these names gets that module
# and not a file of the project.
_IMPORTED_BEFORE = """
    IPython annotated_types astor certifi charset_normalizer click croniter dateparser dateparser_data dateutil
    dotenv duckdb freezegun humanize hyperscript idna importlib_metadata ipywidgets jinja2 json_stream
    lazy_importer markdown_it markupsafe mdurl numpy packaging pandas psutil pydantic pydantic_core pygments pytz
    regex requests rich ruamel six sqlglot sqlglotrs sqlmesh tenacity time_machine tqdm typing_extensions
    typing_inspection tzdata tzlocal urllib3 watchfiles yaml zipp
"""
IMPORTED_BEFORE = frozenset(_IMPORTED_BEFORE.split()) | frozenset(
    getattr(sys, "stdlib_module_names", {name.partition(".")[0] for name in IMPORTABLE})
)


def gives(module: str, name: str) -> bool:
    names = NAMES.get(module, frozenset())
    return name in names or (CAPITALS in names and name[:1].isupper() and name not in NOT_GIVEN)

"""What SQL and YAML can do while a project loads: jinja is rendered, arguments of macros are evaluated as
Python, and a seed's data is read.

All of it is decided by looking once through a text, in time that grows as the text does.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from ..narrow.sql_files import JINJA, has_macros, model_block, words
from .macro_calls import may_call, quotes_call

# Nothing that these do with a value is more than a value. `attr`, `map`, `groupby` and others get attributes.
FILTERS = """
    abs b64decode b64encode capitalize count d default first float int join last length list lower replace round
    string title trim upper
"""
# Of texts, lists and dicts. A model, which jinja may name, gets at files: `model_instance._path.read_text()`.
ATTRIBUTES = "append endswith first get index index0 items keys last length lower startswith strip upper values"
JINJA_FILTERS, JINJA_ATTRIBUTES = set(FILTERS.split()), set(ATTRIBUTES.split())
ENDS = {"{{": "}}", "{%": "%}", "{#": "#}"}
QUOTED = re.compile(r"'[^'\\]*'|\"[^\"\\]*\"")
LOADS = re.compile(r"\b(include|import|from|extends|raw)\b")
PLAIN = re.compile(r"[\w\s.,()+\-*/%=<>!~|:]*")
ATTRIBUTE, FILTER = re.compile(r"\.\s*(\w*)"), re.compile(r"\|\s*(\w*)")

# Of what Python has at hand where SQLMesh evaluates a macro's arguments (`MacroEvaluator.eval_expression`), what
# gets at more than values, in the form in which it would be used. Comments may stand before the rest.
REACHING = re.compile(
    r"(?<![\w@])(open|exec|eval|compile|bytearray|bytes|chr|getattr|globals|locals|vars|input|breakpoint|help|license)"
    r"\s*([(,)]|/\*|--|#|\{)|(?<!\w)(self|exp|sys|os|builtins)\s*(\.|/\*|--|#|\{)|__\w+__"
)

# In YAML: what may be a quote, or a word that cannot be read.
ESCAPED = re.compile(r"\\['\"xuU\\]")


def problem_of(text: str, configures: bool) -> str | None:
    """Why a text may read a file while it is loaded; None if it reads none. `configures`: it gives variables to
    macros."""
    if JINJA.search(text) and not all(harmless(part) for part in jinja_of(text)):
        return "its jinja"
    called = configures or has_macros(text)
    if called and REACHING.search(unicodedata.normalize("NFKC", text)):
        return "what a macro is called with"
    if called and (quotes_call(text) or (JINJA.search(text) and may_call(text))):
        return "a macro that is called in a text"
    if configures and ESCAPED.search(text):
        return "an escaped text"
    return None


def jinja_of(text: str) -> Iterator[str | None]:
    """What is in jinja's brackets, without comments; None for one that does not end."""
    opening = re.compile(r"\{[{%#]")
    found = opening.search(text)
    while found is not None:
        end = text.find(ENDS[found[0]], found.end())
        if end < 0:
            yield None
            return
        if found[0] != "{#":
            yield text[found.end() : end].strip("-+")
        found = opening.search(text, end + 2)


def harmless(jinja: str | None) -> bool:
    """Without dunders, subscripts and unknown attributes, there is no way from a value to what it is made of."""
    if jinja is None or "__" in jinja:
        return False
    code = QUOTED.sub(" ", jinja)
    return (
        PLAIN.fullmatch(code) is not None
        and LOADS.search(code) is None
        and all(name.isdigit() or name in JINJA_ATTRIBUTES for name in ATTRIBUTE.findall(code))
        and all(name in JINJA_FILTERS for name in FILTER.findall(code))
    )


# --- seeds ---------------------------------------------------------------------------------------

PATH = re.compile(r"\bpath\s+'([^'\\]*)'\s*(?:--[^\n]*\n\s*)*[,)]", re.IGNORECASE)
KIND = re.compile(r"\bkind\s+(\w+)", re.IGNORECASE)
# A macro that stands for a whole property, which may be the kind.
PROPERTY = re.compile(r"[(,]\s*@")


class Unknown(Exception):
    """A seed may have any data."""


def seed_path(text: str) -> str | None:
    """Where the model has its data, as it says; None if it is no seed. Raises Unknown."""
    block = model_block(text)
    if block is None:
        found = words(text)
        if "model" in found and ("seed" in found or has_macros(text)):
            raise Unknown
        return None
    kinds = KIND.findall(block)
    stated = len(kinds) == 1 and len(re.findall(r"\bkind\b", block, re.IGNORECASE)) == 1
    if stated and kinds[0].casefold() != "seed" and not PROPERTY.search(block):
        return None
    found = words(block)
    if "seed" not in found and not has_macros(block):
        return None
    paths = PATH.findall(block)
    if len(paths) != 1 or len(re.findall(r"\bpath\b", block, re.IGNORECASE)) != 1:
        raise Unknown
    if "@" in paths[0] or "{" in paths[0] or PROPERTY.search(block):
        raise Unknown
    return paths[0]


def seed_file(said: str, model: str, start: str, links: set[str]) -> str:
    """The path in the repository of a seed's data (`create_seed_model`). Raises Unknown.

    `start`: of the project's paths; `links`: paths of symbolic links, which lead elsewhere."""
    parts = [part for part in said.split("/") if part not in ("", ".")]
    if said.startswith("/") or not parts or "\0" in said:
        raise Unknown
    at = model.split("/")[:-1]
    if parts[0].lower() == "$root":
        at, parts = [part for part in start.split("/") if part], parts[1:]
    # A folder that the path leaves again has to be there, which depends on what is in it.
    if ".." in parts[next((at for at, part in enumerate(parts) if part != ".."), 0) :]:
        raise Unknown
    for part in parts:
        if part != "..":
            at.append(part)
        elif at:
            at.pop()
        else:
            raise Unknown
        if "/".join(at) in links:
            raise Unknown
    return "/".join(at)

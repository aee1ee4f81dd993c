"""Whether a text may be a piece of a macro's call.

SQLMesh looks for macros in what a macro returns, and evaluates the arguments of some of them as Python
(`MacroEvaluator.transform`, `eval_expression`). So a text that is put together may read a file although no text
says so: `'@EVAL(op'` and `'en(1))'`. It needs the sign of a call, which has to come from somewhere: from a text in
code or SQL, or from a number or an escape.
"""

from __future__ import annotations

import re

SIGN = re.compile(r"@(\w*)(.?)", re.DOTALL)
# Always a variable in SQL; but a format of Python's may put a name there.
IN_BRACES = re.compile(r"@\{\w+\}")
# What SQLMesh gives values to by itself, and schedules: no macro of SQLMesh's own begins like one.
VARIABLE = re.compile(
    r"(start|end|execution|latest)_(dt|dtntz|date|ds|ts|tstz|hour|epoch|millis)|default_catalog|gateway"
    r"|model_kind_name|runtime_stage|schemas|this_env|this_model|views"
    r"|hourly|daily|midnight|weekly|monthly|quarterly|yearly|annually",
    re.IGNORECASE,
)
# Escapes that patterns make signs of, and formats that make one of a number.
ESCAPE = re.compile(r"\\(?:[uUxN]|1(?:\d|$)|$)")
LETTER = re.compile(r"%[-+ #0-9.*]*c|:[^{}]*c\}")

# What is quoted, and comments. Two readings, since dialects do not agree on what ends a quoted text.
_COMMENT = r"--[^\n]*|/\*(?:.*?\*/)?"
QUOTED = (
    re.compile(rf"{_COMMENT}|'[^']*'|\"[^\"]*\"", re.DOTALL),
    re.compile(rf"{_COMMENT}|'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"", re.DOTALL),
)


def may_call(text: str) -> bool:
    """Whether the text, or what it is a piece of, may call a macro. A variable does not, nor an address (`a@b.c`)."""
    for found in SIGN.finditer(text):
        name, after = found[1], found[2]
        ends = bool(name) and after != "" and after in ".:,;=<>+*%|&!?)]"
        if not ends and (VARIABLE.fullmatch(name) is None or after == "("):
            return True
    return False


def may_make(text: str) -> bool:
    """Whether a text of code may be a piece of a macro's call, or makes the sign of one."""
    return may_call(text) or ESCAPE.search(text) is not None or LETTER.search(text) is not None


def quotes_call(text: str) -> bool:
    """Whether something that is quoted in SQL or YAML may be a piece of a macro's call."""
    return any(
        found[0][0] in "'\"" and may_call(IN_BRACES.sub("", found[0][1:-1]))
        for quoted in QUOTED
        for found in quoted.finditer(text)
    )

"""Hypothesis strategies for the suite's own records: any step, any event, any play, any run.

They are made from the records' types, so that a new step or field is covered the moment it is there.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec
import msgspec.inspect as inspect
from hypothesis import strategies as st

from portolan.conformance.trace.recording import FORMAT, Event, Header, Recording
from portolan.conformance.trace.values import LARGEST_SAFE_INTEGER, Json, encode, tag

HOSTILE = (
    "", "$", "__proto__", "\x1b[2J\x1b]0;title\x07", "\u202egnp.exe", "\x00", "\u2028", "a\nb\rc", '"', "\\", "`$.record`",
    "constructor", "🧭", "\ufeff",
)  # fmt: skip
"""Strings that something may stumble over."""

integers = st.integers(-LARGEST_SAFE_INTEGER, LARGEST_SAFE_INTEGER)
floats = st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(max_size=20) | st.sampled_from(HOSTILE)
lone_surrogates = st.lists(st.sampled_from(["\ud800", "\udfff", "a", "\udc00"]), min_size=1, max_size=4).map("".join)

primitives: st.SearchStrategy[Json] = st.one_of(
    st.none(),
    st.booleans(),
    integers,
    floats.map(encode),
    texts,
    st.sampled_from(
        [
            tag("undefined"),
            tag("absent"),
            *(tag("number", value=text) for text in ("NaN", "-0", "Infinity", "-Infinity")),
        ]
    ),
    st.integers().map(lambda number: tag("bigint", value=str(number))),
    st.just(tag("string", utf16="d800")),
    texts.map(lambda name: tag("port", port=name)),
    st.builds(lambda name, message: tag("error", name=name, message=message), texts, texts),
)
"""Recorded values that hold no others."""

recorded: st.SearchStrategy[Json] = st.recursive(
    primitives,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(texts.filter(lambda key: key not in ("$", "__proto__")), inner, max_size=4),
        st.lists(st.lists(inner, min_size=2, max_size=2), max_size=3).map(lambda entries: tag("map", entries=entries)),
        st.lists(st.tuples(texts, inner).map(list), max_size=3).map(lambda entries: tag("object", entries=entries)),
    ),
    max_leaves=8,
)
"""Values as a trace has them."""


@cache
def of(record: type) -> st.SearchStrategy[Any]:
    """Any instance of a record."""
    return st.deferred(lambda: _record(inspect.type_info(record)))


def _record(info: inspect.Type) -> st.SearchStrategy[Any]:
    assert isinstance(info, inspect.StructType)
    required = {field.name: _any(field.type) for field in info.fields if field.required}
    optional = {field.name: _any(field.type) for field in info.fields if not field.required}
    return st.fixed_dictionaries(required, optional=optional).map(lambda fields: info.cls(**fields))


def _any(info: inspect.Type) -> st.SearchStrategy[Any]:
    match info:
        case inspect.StructType():
            return of(info.cls)
        case inspect.UnionType():
            return st.one_of([_any(each) for each in info.types])
        case inspect.LiteralType():
            return st.sampled_from(info.values)
        case inspect.VarTupleType():
            return st.lists(_any(info.item_type), max_size=3).map(tuple)
        case inspect.ListType():
            return st.lists(_any(info.item_type), max_size=3)
        case inspect.DictType():
            return st.dictionaries(_any(info.key_type), _any(info.value_type), max_size=3)
    plain = {
        inspect.AnyType: recorded, inspect.StrType: texts, inspect.IntType: integers, inspect.FloatType: floats,
        inspect.BoolType: st.booleans(), inspect.NoneType: st.none(),
    }  # fmt: skip
    return plain[type(info)]


events: st.SearchStrategy[Event] = of(Event)
plays: st.SearchStrategy[Recording] = of(Recording)
headers: st.SearchStrategy[Header] = of(Header).map(lambda header: msgspec.structs.replace(header, format=FORMAT))

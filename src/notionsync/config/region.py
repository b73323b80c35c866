"""How a question list looks: `[[region]]` of `notionsync.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final, Literal

from notionsync.config.values import Reader

ListFormat = Literal["ordered", "bulleted", "task", "table", "details"]
Numbering = Literal["sequential", "ones", "property"]
Unanswered = Literal["listed", "section", "hidden"]
LinkStyle = Literal["relative", "absolute"]
Align = Literal["none", "left", "center", "right"]
Choices = Mapping[str, tuple[str, ...]]
"""Front matter key → the values that count; `answered` is `true` or `false`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table.

    Attributes:
        title: What its head says.
        value: Template of a cell.
        open_value: The same for a question without an answer; None to leave the mark of an empty cell where `value` needs the answer's address.
        align: How the column is set.
    """

    title: str = ""
    value: str = "{question}"
    open_value: str | None = None
    align: Align = "none"


_TABLE: Final = (
    Column(title="No.", value="{n}", align="right"),
    Column(title="Question", value="{question}"),
    Column(title="Answer", value="[Answer]({url})", open_value=""),
)
_ITEMS: Final[Mapping[ListFormat, tuple[str, str]]] = {
    "ordered": ("{n}. {question} [Answer]({url})", "{n}. {question}"),
    "bulleted": ("- {question} [Answer]({url})", "- {question}"),
    "task": ("- [x] {question} [Answer]({url})", "- [ ] {question}"),
    "table": ("", ""),
    "details": ("[Answer]({url})", ""),
}
"""What an answered question and an open one look like where the configuration does not say it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A marked region of a file that lists the questions.

    A template is text with `{key}` in it, and `{{`, `}}` for braces. Of a question: `{n}`, `{question}`, `{url}`, `{path}`, `{slug}`,
    `{anchor}`, `{answered}` and any front matter key. Of a group or the whole list: `{group}`, `{answered}`, `{open}`, `{total}`, `{percent}`.

    Attributes:
        name: Name in the markers, `<!-- notionsync:begin NAME -->`.
        file: The file, relative to the repository.
        collection: The collection whose questions it lists; empty for the one without a name.
        question_key: Front matter key whose text `{question}` is; where a file has none, its question is.
        format: Decides how the templates begin where they are not given.
        item: Template of an answered question; in `details`, of what is inside.
        open_item: Template of a question that has no answer yet.
        summary: Template of the line that opens a question in `details`.
        columns: The columns of a `table`.
        header: Template of what stands above the list; empty for nothing.
        footer: Template of what stands below it.
        links: `absolute` lets links begin with the address of the repository on GitHub.
        url_prefix: Put before the answer's path relative to the repository; empty makes the link relative to the file.
        group_by: Front matter key that parts the list into groups; empty for one list.
        group_order: Values in the order their groups come; others follow by name.
        group: Template of a group's heading.
        group_level: Level of the headings, 1 to 6.
        ungrouped: What the group of questions without a value is called; it comes last.
        collapsible: Whether a group can be folded away, instead of having a heading.
        contents: Whether links to the groups' headings stand above them.
        filter: Only questions with one of these values are listed.
        exclude: Questions with one of these values are not listed.
        sort_by: Front matter key to sort by before `order`; empty for none.
        sort_order: Values of that key in the order they come; others follow.
        limit: How many questions are listed at most; 0 for all.
        numbering: What `{n}` is: counted, always 1, or the question's `order`.
        restart: Whether each group counts from the start.
        start: The first number.
        digits: How many digits a number has at least.
        unanswered: Whether open questions are listed in their place, in a section of their own at the end, or not at all.
        open_suffix: Put behind an open question.
        open_title: Heading of their section.
        answered_by: Front matter key that says whether a question is answered; empty to look at the file's text.
        answered_values: The values of that key that say so; none to take any value.
        date_format: How dates are written, such as `%B %d, %Y`; empty leaves them as they are.
        join: What stands between the values of a list.
        empty: What an empty cell of a table holds.
        pad: Whether the cells of a column are made equally wide.
    """

    name: str = "questions"
    file: str = "README.md"
    collection: str = ""
    question_key: str = "question"
    format: ListFormat = "ordered"
    item: str = _ITEMS["ordered"][0]
    open_item: str = _ITEMS["ordered"][1]
    summary: str = "{n}. {question}"
    columns: tuple[Column, ...] = _TABLE
    header: str = ""
    footer: str = ""
    links: LinkStyle = "relative"
    url_prefix: str = ""
    group_by: str = ""
    group_order: tuple[str, ...] = ()
    group: str = "{group}"
    group_level: int = 3
    ungrouped: str = "Other"
    collapsible: bool = False
    contents: bool = False
    filter: Choices = field(default_factory=dict)
    exclude: Choices = field(default_factory=dict)
    sort_by: str = ""
    sort_order: tuple[str, ...] = ()
    limit: int = 0
    numbering: Numbering = "sequential"
    restart: bool = False
    start: int = 1
    digits: int = 1
    unanswered: Unanswered = "listed"
    open_suffix: str = ""
    open_title: str = "Unanswered"
    answered_by: str = ""
    answered_values: tuple[str, ...] = ()
    date_format: str = ""
    join: str = ", "
    empty: str = ""
    pad: bool = False


_KEYS: Final = tuple("column" if entry.name == "columns" else entry.name for entry in fields(Region))


def read_regions(reader: Reader, data: Mapping[str, Any]) -> tuple[Region, ...]:
    """Return the regions of a configuration.

    Raises:
        ConfigError: One holds something that it may not.
    """
    entries = data.get("region", [])
    if not isinstance(entries, list):
        raise reader.fail("[[region]]", "must be an array of tables; write [[region]]")
    names = [entry.get("name", "questions") for entry in entries if isinstance(entry, dict)]
    for name in names:
        if names.count(name) > 1:
            raise reader.fail("[[region]] name", f'"{name}" is used twice')
    return tuple(_region(reader, entry, n) for n, entry in enumerate(entries, 1))


def _region(reader: Reader, entry: Any, number: int) -> Region:
    where = f"region {number}"
    default = Region()
    if not isinstance(entry, dict):
        raise reader.fail(f"[{where}]", "must be a table")
    reader.known(entry, where, _KEYS)

    def text(key: str, otherwise: str | None = None) -> str:
        return reader.text(entry, where, key, getattr(default, key) if otherwise is None else otherwise)

    shape: ListFormat = reader.choice(entry, where, "format", ("ordered", "bulleted", "task", "table", "details"))
    region = Region(
        name=_name(reader, where, text("name")),
        file=reader.path(entry, where, "file", default.file),
        collection=text("collection"),
        question_key=text("question_key"),
        format=shape,
        item=text("item", _ITEMS[shape][0]),
        open_item=text("open_item", _ITEMS[shape][1]),
        summary=text("summary"),
        columns=_columns(reader, where, entry),
        header=text("header"),
        footer=text("footer"),
        links=reader.choice(entry, where, "links", ("relative", "absolute")),
        url_prefix=text("url_prefix"),
        group_by=text("group_by"),
        group_order=reader.texts(entry, where, "group_order"),
        group=text("group"),
        group_level=reader.number(entry, where, "group_level", default.group_level),
        ungrouped=text("ungrouped"),
        collapsible=reader.flag(entry, where, "collapsible"),
        contents=reader.flag(entry, where, "contents"),
        filter=_choices(reader, where, entry, "filter"),
        exclude=_choices(reader, where, entry, "exclude"),
        sort_by=text("sort_by"),
        sort_order=reader.texts(entry, where, "sort_order"),
        limit=reader.number(entry, where, "limit", default.limit, least=0),
        numbering=reader.choice(entry, where, "numbering", ("sequential", "ones", "property")),
        restart=reader.flag(entry, where, "restart"),
        start=reader.number(entry, where, "start", default.start, least=0),
        digits=reader.number(entry, where, "digits", default.digits),
        unanswered=reader.choice(entry, where, "unanswered", ("listed", "section", "hidden")),
        open_suffix=text("open_suffix"),
        open_title=text("open_title"),
        answered_by=text("answered_by"),
        answered_values=reader.texts(entry, where, "answered_values"),
        date_format=text("date_format"),
        join=text("join"),
        empty=text("empty"),
        pad=reader.flag(entry, where, "pad"),
    )
    _check(reader, where, entry, region)
    return region


def _check(reader: Reader, where: str, entry: Mapping[str, Any], region: Region) -> None:
    """Refuse what would be without effect, or would break the lines of the list."""
    if not region.question_key:
        raise reader.fail(f"[{where}] question_key", "must name a key of the front matter")
    for key in ("item", "open_item", "summary", "group", "open_suffix", "open_title", "ungrouped", "join", "empty"):
        if "\n" in getattr(region, key) or "\r" in getattr(region, key):
            raise reader.fail(f"[{where}] {key}", "must be one line")
    if region.group_level > 6:
        raise reader.fail(f"[{where}] group_level", f"must be 1 to 6, not {region.group_level}")
    if region.links == "absolute" and region.url_prefix:
        raise reader.fail(f"[{where}] links", "is absolute; take url_prefix away, or links")
    if region.collapsible and region.contents:
        raise reader.fail(f"[{where}] contents", "has nothing to lead to where groups are collapsible")
    for key, needs in (("column", "table"), ("pad", "table"), ("empty", "table"), ("summary", "details")):
        if key in entry and region.format != needs:
            raise reader.fail(f"[{where}] {key}", f'only counts where format = "{needs}"')
    for key, other in (("group_order", "group_by"), ("collapsible", "group_by"), ("contents", "group_by"),
                       ("sort_order", "sort_by"), ("answered_values", "answered_by")):  # fmt: skip
        if entry.get(key) and not getattr(region, other):
            raise reader.fail(f"[{where}] {key}", f"only counts with {other}")


def _name(reader: Reader, where: str, name: str) -> str:
    if not name or any(char.isspace() or char == ">" for char in name):
        raise reader.fail(f"[{where}] name", f'must be one word without ">", not {name!r}')
    return name


def _columns(reader: Reader, where: str, entry: Mapping[str, Any]) -> tuple[Column, ...]:
    tables = entry.get("column", None)
    if tables is None:
        return _TABLE
    if not isinstance(tables, list) or not tables or not all(isinstance(table, dict) for table in tables):
        raise reader.fail(f"[{where}] column", "must be an array of tables; write [[region.column]]")
    columns = []
    for number, table in enumerate(tables, 1):
        at = f"{where} column {number}"
        reader.known(table, at, ("title", "value", "open_value", "align"))
        columns.append(
            Column(
                title=reader.text(table, at, "title", ""),
                value=reader.text(table, at, "value", "{question}"),
                open_value=reader.text(table, at, "open_value", "") if "open_value" in table else None,
                align=reader.choice(table, at, "align", ("none", "left", "center", "right")),
            )
        )
        for value in (columns[-1].title, columns[-1].value, columns[-1].open_value or ""):
            if "\n" in value or "\r" in value:
                raise reader.fail(f"[{at}]", "must be one line")
    return tuple(columns)


def _choices(reader: Reader, where: str, entry: Mapping[str, Any], key: str) -> Choices:
    table = entry.get(key, {})
    if not isinstance(table, dict):
        raise reader.fail(f"[{where}] {key}", "must be a table of front matter keys and values")
    return {
        name: tuple(_word(reader, f"[{where}] {key}.{name}", value) for value in _list(values))
        for name, values in table.items()
    }


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _word(reader: Reader, where: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str | int | float):
        raise reader.fail(where, f"must be text, a number, or true or false, not {value!r}")
    return str(value)

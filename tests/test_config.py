"""notionsync.toml as a value."""

from __future__ import annotations

import re

import pytest

from notionsync.config import Column, Config, Region, parse
from notionsync.config.place import line_of
from notionsync.errors import ConfigError

ID = "38c9ce7b60a481d29260b2f4f0f3a111"


def test_nothing_is_needed() -> None:
    """An empty file means the defaults, so that files and README work before there is a database."""
    assert parse("") == Config()
    assert Config().properties == {"question": "Name"}


def test_everything_can_be_said() -> None:
    """Every key ends up where it belongs."""
    text = f"""
    [notion]
    data_source = "https://www.notion.so/team/Questions-{ID}?v=1"
    requests_per_minute = 60
    [files]
    folder = "docs/answers/"
    assets = "docs/images"
    name_property = "File"
    rename = "follow-title"
    [properties]
    question = "Frage"
    order = "No."
    [git]
    branch = "main"
    repository = "o/r"
    [guards]
    max_delete = 9
    [[region]]
    name = "open"
    file = "docs/README.md"
    format = "bulleted"
    url_prefix = "https://example.org/"
    [[region]]
    file = "docs/TABLE.md"
    format = "table"
    header = "a\\nb"
    group_by = "week"
    group_order = ["1", "2"]
    filter = {{status = "Published", week = [1, 2], answered = true}}
    sort_by = "date"
    numbering = "property"
    start = 0
    unanswered = "section"
    date_format = "%F"
    column = [{{title = "No.", value = "{{n}}", align = "center"}}, {{value = "{{url}}", open_value = "-"}}]
    """
    assert parse(text) == Config(
        data_source=ID,
        requests_per_minute=60,
        folder="docs/answers",
        assets="docs/images",
        name_property="File",
        rename="follow-title",
        properties={"question": "Frage", "order": "No."},
        branch="main",
        repository="o/r",
        max_delete=9,
        regions=(
            Region(
                name="open",
                file="docs/README.md",
                format="bulleted",
                item="- {question} [Answer]({url})",
                open_item="- {question}",
                url_prefix="https://example.org/",
            ),
            Region(
                file="docs/TABLE.md",
                format="table",
                item="",
                open_item="",
                header="a\nb",
                group_by="week",
                group_order=("1", "2"),
                filter={"status": ("Published",), "week": ("1", "2"), "answered": ("true",)},
                sort_by="date",
                numbering="property",
                start=0,
                unanswered="section",
                date_format="%F",
                columns=(
                    Column(title="No.", value="{n}", align="center"),
                    Column(value="{url}", open_value="-"),
                ),
            ),
        ),
    )


def test_a_collection_is_a_configuration_of_its_own() -> None:
    """What it does not say itself is as in the whole; folders are named after it, and lists belong to the whole."""
    config = parse(
        f"[git]\nbranch = 'main'\n[files]\nrename = 'follow-title'\n[[collection]]\nname = 'weeks'\ndata_source = '{ID}'\n"
        "[collection.properties]\nquestion = 'Topic'\n[[region]]\ncollection = 'weeks'\n"
    )
    (weeks,) = config.collections
    assert weeks == Config(
        collection="weeks",
        data_source=ID,
        folder="weeks",
        assets="weeks/assets",
        properties={"question": "Topic"},
        branch="main",
    )
    assert config.regions == (Region(collection="weeks"),)
    assert config.folder == "answers"


def test_images_live_with_the_answers_unless_said_otherwise() -> None:
    """The default of one key follows the other."""
    assert parse('[files]\nfolder = "docs"\n').assets == "docs/assets"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[", ["not valid TOML"]),
        ("[notoin]\n", ["top level", '"notoin"', 'did you mean "notion"']),
        ("[files]\nfoldr = 'a'\n", ["[files]", '"foldr"', 'did you mean "folder"']),
        ("[files]\nzzz = 1\n", ['"zzz"', "known are folder, assets"]),
        ("notion = 1\n", ["[notion]", "must be a table"]),
        ("properties = 1\n", ["[properties]", "must be a table"]),
        ("[files]\nfolder = 1\n", ["[files] folder", "must be text, not 1"]),
        ("[files]\nfolder = ''\n", ["[files] folder", "inside the repository"]),
        ("[files]\nfolder = 'a/../b'\n", ["[files] folder", "inside the repository"]),
        ("[files]\nfolder = 'a\\b'\n", ["[files] folder", "forward slashes"]),
        ("[files]\nrename = 'always'\n", ["[files] rename", "never, follow-title", "'always'"]),
        ("[guards]\nmax_delete = 0\n", ["[guards] max_delete", "above 0, not 0"]),
        ("[guards]\nmax_delete = true\n", ["[guards] max_delete", "not True"]),
        ("[notion]\nrequests_per_minute = -1\n", ["[notion] requests_per_minute"]),
        ("[notion]\ndata_source = 'here'\n", ["[notion] data_source", "32 hexadecimal digits", "'here'"]),
        ("[properties]\nnotion_id = 'Id'\n", ["[properties] notion_id", "cannot be mapped"]),
        ("[properties]\norder = ''\n", ["[properties] order", "name of a Notion property"]),
        ("[properties]\na = 'X'\nb = 'X'\n", ["[properties]", '"X"', "a, b"]),
        ("[region]\n", ["[[region]]", "array of tables"]),
        ("[[region]]\n[[region]]\n", ['"questions" is used twice']),
        ("[[region]]\nformat = 'tabel'\n", ["[region 1]", "ordered, bulleted, task, table, details"]),
        ("[[region]]\nitem = 'a\\nb'\n".replace("'", '"'), ["[region 1] item", "one line"]),
        ("collection = 1\n", ["[[collection]]", "array of tables"]),
        ("[[collection]]\n", ["[collection 1] name", "small letters"]),
        ("[[collection]]\nname = '../x'\n", ["[collection 1] name", "small letters"]),
        ("[[collection]]\nname = 'a'\n[[collection]]\nname = 'a'\nfolder = 'b'\n", ['"a" is used twice']),
        ("[[collection]]\nname = 'a'\nfolder = 'x'\n[[collection]]\nname = 'b'\nfolder = 'x/y'\n", ["overlap"]),
        (
            f"[notion]\ndata_source = '{ID}'\n[[collection]]\nname = 'a'\nfolder = 'answers/a'\n",
            ['[[collection]] "a" folder', "answers/a and answers overlap"],
        ),
        (
            f"[notion]\ndata_source = '{ID}'\n[[collection]]\nname = 'a'\ndata_source = '{ID}'\n",
            ['[[collection]] "a" data_source', "another collection"],
        ),
        ("[[region]]\ncollection = 'x'\n", ['[[region]] "questions" collection', 'no collection "x"; known are none']),
        ("[[region]]\nname = 'a b'\n", ["[region 1] name", "one word"]),
        ("[[region]]\npad = true\n", ["[region 1] pad", 'only counts where format = "table"']),
        ("[[region]]\npad = 1\n", ["[region 1] pad", "must be true or false"]),
        ("[[region]]\ngroup_order = ['a']\n", ["[region 1] group_order", "only counts with group_by"]),
        ("[[region]]\ngroup_level = 7\n", ["[region 1] group_level", "1 to 6"]),
        ("[[region]]\nlinks = 'absolute'\nurl_prefix = 'x'\n", ["[region 1] links", "url_prefix"]),
        ("[[region]]\ngroup_by = 'a'\ncollapsible = true\ncontents = true\n", ["[region 1] contents", "collapsible"]),
        ("[[region]]\nfilter = 'a'\n", ["[region 1] filter", "must be a table"]),
        ("[[region]]\nfilter = {a = [[1]]}\n", ["[region 1] filter.a", "must be text, a number"]),
        ("[[region]]\nformat = 'table'\ncolumn = 1\n", ["[region 1] column", "[[region.column]]"]),
        (
            "[[region]]\nformat = 'table'\n[[region.column]]\nvalues = 'x'\n",
            ["[region 1 column 1]", 'did you mean "value"'],
        ),
        ("[[region]]\nstart = -1\n", ["[region 1] start", "above -1"]),
        ("[git]\nrepository = 'x'\n", ["[git] repository", "OWNER/REPO"]),
        ("[[region]]\nurl = 'x'\n", ["[region 1]", '"url"']),
        ("region = [1]\n", ["[region 1]", "must be a table"]),
    ],
)
def test_a_slip_is_named(text: str, says: list[str]) -> None:
    """File, table and key, and the nearest known key or the values that may be."""
    with pytest.raises(ConfigError) as caught:
        parse(text, source="some.toml")
    assert re.match(r"some\.toml(:\d+)?: ", caught.value.message)
    for words in says:
        assert words in caught.value.message


TOML = """#:schema x
[notion]
data_source = ""

[files]
"folder" = "a"   # [git]

[properties]
question = "Q"
'the level' = 1

[[region]]
name = "a"
[[region.column]]
title = "N"
[[region]]
name = "b"
[[region.column]]
title = "N"
[[region.column]]
title = "M"
[[collection]]
name = "c"
[collection.properties]
level = 2
question = "Q"
[odd]
"""


@pytest.mark.parametrize(
    ("where", "key", "line"),
    [
        ("[notion] data_source", "", 3),
        ("[files]", "folder", 6),
        ("[files] rename", "", 5),
        ("[properties]", "the level", 10),
        ("[properties] level", "", 25),
        ("[properties] question", "", 0),
        ("[region 1] name", "", 13),
        ("[region 2]", "name", 17),
        ("[region 2 column 2]", "", 20),
        ("[[region]] name", "", 0),
        ("[collection 1] name", "", 23),
        ("top level", "odd", 27),
        ("[guards] max_delete", "", 0),
    ],
)
def test_the_line_of_a_place(where: str, key: str, line: int) -> None:
    """That of the key, else of its table; none where several could be meant."""
    assert line_of(TOML, where, key) == line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[files]\n\nfoldr = 'x'\n", 3),
        ("\n[fils]\n", 2),
        ("[sync]\nconflict = 'x'\n", 2),
        ("a = [\n\n", 2),
        ("a =\n", 1),
    ],
)
def test_errors_name_the_line(text: str, line: int) -> None:
    """As editors open it: file, colon, line."""
    with pytest.raises(ConfigError, match=rf"^notionsync\.toml:{line}: "):
        parse(text)

"""What holds for any titles and any list."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bs4 import BeautifulSoup, Comment, Tag
from cmarkgfm import github_flavored_markdown_to_html as to_html
from cmarkgfm.cmark import Options
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from notionsync.config import Column, Region
from notionsync.readme import Entry, adopt, build, find, read, rebuild
from notionsync.readme.proof import one_line

HOSTILE = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    st.lists(
        st.sampled_from(
            ["<!--", "-->", "](", ")", "[", "]: x", "`", "```", "**", "<pre>", "</li>", "- ", "1. ", "> ", "# ", "\n",
             "    ", "<!-- notionsync:end questions -->", "\n<!-- notionsync:begin questions -->\n", "\\", "~~~", "|", "---"]
        ),
        max_size=8,
    ).map("".join),
)  # fmt: skip
ORDERED = Region(url_prefix="https://github.com/o/r/blob/main/")
BULLETED = Region(item="- [{question}]({url})", open_item="- {question}")
EMPTY = b"# Title\n\n<!-- notionsync:begin questions -->\n<!-- notionsync:end questions -->\n\n## After\n"


@settings(deadline=None)
@given(st.lists(st.tuples(HOSTILE, st.booleans()), min_size=1, max_size=8), st.sampled_from([ORDERED, BULLETED]))
def test_any_titles_make_one_list_with_one_item_each(titles: list[tuple[str, bool]], region: Region) -> None:
    """On GitHub nothing of a title reaches its neighbours, the heading after the list, or the markers."""
    entries = [
        Entry(path=f"answers/{n}.md", question=title, fields={"order": n}, answered=answered)
        for n, (title, answered) in enumerate(titles)
    ]
    built = rebuild("README.md", EMPTY, [region], entries)
    assert [marked.text.count("\n") for marked in find("README.md", built)] == [len(titles)]
    assert rebuild("README.md", built, [region], entries) == built
    body = BeautifulSoup(to_html(built.decode(), options=Options.CMARK_OPT_UNSAFE), "html5lib").body
    assert body is not None
    assert [tag.name for tag in body.find_all(recursive=False)] == ["h1", "ol" if region is ORDERED else "ul", "h2"]
    items = body.find_all("li")
    assert len(items) == len(titles)
    for item, entry in zip(items, entries, strict=True):
        targets = [str(link.get("href")) for link in item.find_all("a")]
        assert entry.answered == any(target.endswith(entry.path) for target in targets)


FORMATS = (
    Region(format="task", item="- [x] {question} [Answer]({url})", open_item="- [ ] {question}"),
    Region(format="details", item="[Answer]({url})", open_item=""),
    Region(format="table"),
    Region(format="table", pad=True, empty="-", columns=(Column(value="{question} / {topic}"), Column(value="**[{question}]({url})**"))),
)  # fmt: skip
GROUPS: tuple[Mapping[str, Any], ...] = (
    {},
    {"group_by": "topic"},
    {"group_by": "topic", "collapsible": True},
    {"group_by": "topic", "contents": True},
)
FILE = "# Title\n\n<!-- notionsync:begin questions -->\n<!-- notionsync:end questions -->\n## After\n\nlast words\n"


@settings(deadline=None)
@given(
    st.lists(st.tuples(HOSTILE, st.booleans(), HOSTILE), min_size=1, max_size=6),
    st.sampled_from(FORMATS),
    st.sampled_from(GROUPS),
)
@example([("a\\", True, "b\\|c"), ("`\\|`", True, "#")], FORMATS[3], GROUPS[1])
@example([("</details>\n<!--", False, "</summary>")], FORMATS[1], GROUPS[2])
def test_nothing_leaves_a_region_in_any_format(
    titles: list[tuple[str, bool, str]], region: Region, groups: Mapping[str, Any]
) -> None:
    """On GitHub: as many items as questions, one heading or fold for each group, and what follows the region as it was."""
    region = replace(region, **groups)
    entries = [
        Entry(path=f"answers/{n}.md", question=title, fields={"order": n, "topic": topic}, answered=answered)
        for n, (title, answered, topic) in enumerate(titles)
    ]
    built = rebuild("README.md", FILE.encode(), [region], entries)
    assert len(find("README.md", built)) == 1
    assert rebuild("README.md", built, [region], entries) == built
    body = BeautifulSoup(to_html(built.decode(), options=Options.CMARK_OPT_UNSAFE), "html5lib").body
    assert body is not None
    assert [tag.get_text() for tag in body.find_all(recursive=False)][-2:] == ["After", "last words"]
    parted = {one_line(topic) or "Other" for _, _, topic in titles} if region.group_by else set()
    folds = body.find_all("details")
    heads = [] if region.collapsible else list(parted)
    assert len(body.find_all(["h1", "h2", "h3"])) == 2 + len(heads)
    if region.format == "details":
        assert len(folds) == len(titles) + (len(parted) - len(heads))
        assert len(body.find_all("summary")) == len(folds)
    else:
        assert len(folds) == len(parted) - len(heads)
    if region.format == "table":
        rows = [row.find_all("td") for table in body.find_all("table") for row in table.find_all("tr")[1:]]
        assert [len(row) for row in rows] == [len(region.columns)] * len(titles)
    if region.format == "task":
        links = body.find_all("a", href=re.compile("^answers/"))
        assert len({str(link["href"]) for link in links}) >= sum(answered for _, answered, _ in titles)
        assert len(body.find_all("input")) == len(titles)
    comments = body.find_all(string=lambda text: isinstance(text, Comment))
    assert [comment.strip().split()[0] for comment in comments] == ["notionsync:begin", "notionsync:end"]


SAID = (
    ORDERED,
    BULLETED,
    *FORMATS[:3],
    Region(format="bulleted", item="- [{question}]({url})", open_item="- {question}"),
    Region(format="bulleted", item="- **{question}** [Answer]({url})", open_item="- *{question}*"),
)


def _of_github(body: Tag, region: Region) -> list[str]:
    """What a reader sees of each question, on one line; neither its number nor the link behind it."""
    if region.format == "table":
        return [" ".join(row.find_all("td")[1].get_text().split()) for row in body.find_all("tr")[1:]]
    if region.format == "details":
        return [" ".join(fold.get_text().split()).partition(". ")[2] for fold in body.find_all("summary")]
    return [" ".join(item.get_text().split()).removesuffix("Answer").strip() for item in body.find_all("li")]


def _meant(title: str) -> set[str]:
    """What a title may look like on one line: its Markdown with its tags or with their letters, or all of it as it is."""
    line = one_line(title)
    read = MarkdownIt("commonmark", {"strikethrough_single_tilde": True}).enable("strikethrough")
    shown = [line]
    for html in (True, False):
        read.options["html"] = html
        shown.append(BeautifulSoup(f"<p>{read.renderInline(line)}</p>", "html5lib").get_text())
    return {" ".join(text.split()).removesuffix("Answer").strip() for text in shown}


@settings(deadline=None)
@given(HOSTILE, st.booleans(), st.sampled_from(SAID))
@example("[^x]: a footnote that nobody reads", False, BULLETED)
@example("~~1. <script>~", True, SAID[2])
@example("3~4 or 5~6?", True, SAID[4])
@example(" ##   ~~", True, SAID[6])
@example("1. ~", False, SAID[6])
@example("`[^a][http://x<b>", False, ORDERED)
@example("[<http://x></li>\\|<b>", True, SAID[4])
@example("*http://x\\|", True, SAID[4])
def test_on_github_an_item_says_its_title(title: str, answered: bool, region: Region) -> None:
    """Whatever the title and the format: its own words and no others, between neighbours that say theirs."""
    assume(" ".join(one_line(title).split()))
    first, last = (Entry(path=f"answers/{n}.md", question=f"Q{n}?", fields={"order": n}, answered=True) for n in (1, 3))
    middle = Entry(path="answers/2.md", question=title, fields={"order": 2}, answered=answered)
    options = Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_FOOTNOTES
    body = BeautifulSoup(to_html(build([first, middle, last], region), options=options), "html5lib").body
    assert body is not None
    before, said, after = _of_github(body, region)
    assert (before, after) == ("Q1?", "Q3?")
    assert said in _meant(title)


LETTER = st.characters(categories=["L", "N"], include_characters="?,.()/%")
WORDS = st.lists(st.text(LETTER, min_size=1, max_size=8), min_size=1, max_size=5)
MARKED = st.sampled_from(
    ["`code`", "**bold**", "_it_", "[paper](https://example.org/x)", "a  b", "<sub>2</sub>", "x_y"]
)
TITLE = (
    st.tuples(st.characters(categories=["L"]), WORDS, MARKED)
    .map(lambda t: f"{t[0]}{' '.join(t[1])} {t[2]}")
    .filter(lambda title: one_line(title) == title)
)
STYLES = st.sampled_from(
    [
        ORDERED,
        BULLETED,
        Region(item="{n}) {question} — [Answer]({url})", open_item="{n}) {question}"),
        Region(item="* {question} ([read]({url}))", open_item="* {question}"),
        Region(item="- [x] {question} [A]({url})", open_item="- [ ] {question}"),
    ]
)


@settings(deadline=None)
@given(st.lists(TITLE, min_size=2, max_size=6, unique=True), st.data(), STYLES)
def test_adopting_a_list_gives_back_what_it_was_made_of(titles: list[str], data: st.DataObject, region: Region) -> None:
    """Questions, order, links and style are read off any list of that style, and the list is rebuilt byte for byte."""
    assume(region is not BULLETED or not any("](" in title for title in titles))  # no link inside a link
    answered = [True, True, *(data.draw(st.booleans()) for _ in titles[2:])]
    entries = [
        Entry(path=f"answers/{n}.md", question=title, fields={"order": n + 1}, answered=said)
        for n, (title, said) in enumerate(zip(titles, answered, strict=True))
    ]
    text = build(entries, region)
    files = {entry.path: b"Said.\n" for entry in entries if entry.answered}
    adoption = adopt(f"# Title\n\n{text}\nEnd\n".encode(), files)
    assert [item.question for item in adoption.items] == titles
    assert [item.path for item in adoption.items if item.linked] == sorted(files)
    assert text in adoption.readme.decode()
    assert adoption.slips == ()
    again = rebuild("README.md", adoption.readme, [adoption.region], read({**files, **adoption.files}))
    assert again == adoption.readme

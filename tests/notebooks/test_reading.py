"""Uploaded files: upgraded, mended so that ids last, cleared of what running left behind."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.notebook_files import code, lesson_file, markdown, notebook_file
from wagtail_live_lms.notebooks import (
    NotebookError,
    cells_of,
    digest_of,
    export,
    label_of,
    manifest_of,
    read_notebook,
    tagged_ids,
)

V3 = {
    "nbformat": 3,
    "nbformat_minor": 0,
    "metadata": {"name": "old"},
    "worksheets": [
        {
            "metadata": {},
            "cells": [
                {"cell_type": "heading", "level": 1, "metadata": {}, "source": ["Old"]},
                {
                    "cell_type": "code",
                    "collapsed": False,
                    "input": ["1 + 1"],
                    "language": "python",
                    "metadata": {},
                    "outputs": [],
                },
            ],
        }
    ],
}


def ids(raw: bytes) -> list[str]:
    return [cell["id"] for cell in read_notebook(raw).notebook["cells"]]


def old_cell(source: str) -> dict[str, Any]:
    return code(source)


class TestFormats:
    def test_a_notebook_of_today(self) -> None:
        upload = read_notebook(lesson_file("a", "b"))
        nbformat.validate(nbformat.from_dict(upload.notebook))
        assert ids(lesson_file("a", "b")) == ["intro", "a", "b"]

    @pytest.mark.parametrize("minor", [0, 1, 2, 3, 4])
    def test_older_ones_get_ids(self, minor: int) -> None:
        raw = notebook_file(old_cell("x = 1"), markdown("Text"), old_cell("x = 1"), minor=minor)
        found = ids(raw)
        assert len(set(found)) == 3
        assert ids(raw) == found
        assert read_notebook(raw).notebook["nbformat_minor"] == 5

    def test_the_oldest(self) -> None:
        raw = json.dumps(V3).encode()
        notebook = read_notebook(raw).notebook
        assert [cell["source"] for cell in notebook["cells"]] == ["# Old", "1 + 1"]
        assert ids(raw) == ids(raw)

    def test_of_the_future(self) -> None:
        with pytest.raises(NotebookError, match="newer format"):
            read_notebook(b'{"nbformat": 5, "nbformat_minor": 0}')

    @pytest.mark.parametrize("number", [2, 1, 0, -1])
    def test_of_the_stone_age(self, number: int) -> None:
        with pytest.raises(NotebookError, match="before 2012"):
            read_notebook(notebook_file(nbformat=number))

    def test_a_byte_order_mark_does_no_harm(self) -> None:
        assert read_notebook(b"\xef\xbb\xbf" + lesson_file("a")).notebook["nbformat"] == 4


class TestIds:
    def test_a_cell_keeps_its_id_when_others_come_and_go(self) -> None:
        before = ids(notebook_file(old_cell("a"), old_cell("b"), minor=4))
        after = ids(notebook_file(old_cell("new"), old_cell("b"), old_cell("a"), minor=4))
        assert (after[2], after[1]) == (before[0], before[1])

    def test_of_two_with_one_id_the_first_keeps_it(self) -> None:
        raw = notebook_file(code("a", "same"), code("b", "same"), code("c", "same"))
        found = ids(raw)
        assert found[0] == "same"
        assert len(set(found)) == 3
        assert ids(raw) == found

    @pytest.mark.parametrize("wrong", ["", "a b", "ä", "x" * 65, 7, None])
    def test_one_that_is_not_allowed_is_replaced(self, wrong: Any) -> None:
        found = ids(notebook_file({**code("a"), "id": wrong}))
        assert len(found[0]) == 12

    def test_a_derived_id_never_takes_one_that_is_there(self) -> None:
        derived = ids(notebook_file(old_cell("a"), minor=4))[0]
        found = ids(notebook_file(old_cell("a"), code("other", derived)))
        assert found == [f"{derived}-2", derived]

    @given(
        sources=st.lists(st.sampled_from(["a", "b", ""]), max_size=6),
        given_ids=st.lists(st.sampled_from(["x", "y", None, "!"]), min_size=6, max_size=6),
    )
    @settings(max_examples=60, deadline=None)
    def test_reading_what_was_read_changes_nothing(
        self, sources: list[str], given_ids: list[str | None]
    ) -> None:
        cells = [code(source, cell_id) for source, cell_id in zip(sources, given_ids, strict=False)]
        first = read_notebook(notebook_file(*cells))
        assert read_notebook(first.text.encode()).text == first.text
        found = [cell["id"] for cell in first.notebook["cells"]]
        assert len(set(found)) == len(found)


class TestWhatIsLeftOut:
    def test_outputs_counts_and_traces(self) -> None:
        cell = code("1", "a", collapsed="x")
        del cell["collapsed"]
        cell["metadata"] = {"execution": {"iopub.status.busy": "now"}, "scrolled": True, "kept": 1}
        raw = notebook_file(cell, metadata={"live_lms": {"module": 1}, "widgets": {}, "kept": 1})
        notebook = read_notebook(raw).notebook
        assert notebook["cells"][0]["outputs"] == []
        assert notebook["cells"][0]["execution_count"] is None
        assert notebook["cells"][0]["metadata"] == {"kept": 1}
        assert notebook["metadata"] == {"kept": 1}

    def test_a_source_of_lines_and_one_of_text_are_the_same(self) -> None:
        as_text = code("a\nb", "x") | {"source": "a\nb"}
        assert read_notebook(notebook_file(as_text)) == read_notebook(
            notebook_file(code("a\nb", "x"))
        )


class TestRefusals:
    @pytest.mark.parametrize(
        "raw",
        [
            b"",
            b"\xff\xfe",
            b"print('hello')",
            b"[" * 100_000,
            b'{"a": NaN, "nbformat": 4}',
            b"[]",
            b'{"cells": []}',
            b'{"nbformat": "4"}',
        ],
    )
    def test_what_is_no_notebook(self, raw: bytes) -> None:
        with pytest.raises(NotebookError, match="notebook"):
            read_notebook(raw)

    @pytest.mark.parametrize(
        "change",
        [
            {"cells": None},
            {"cells": [1]},
            {"cells": [{}]},
            {"cells": [{"cell_type": "code", "source": 1}]},
            {"cells": [{"cell_type": "code", "source": ["a", 1]}]},
            {"cells": [{"cell_type": "unknown", "source": "", "metadata": {}}]},
            {"cells": [code("a") | {"metadata": 1}]},
            {"cells": [markdown("a", "b", outputs=[])]},
            {"cells": [markdown("a", "b", attachments=1)]},
            {"metadata": []},
            {"nbformat": 3},
            {"nbformat": True},
        ],
    )
    def test_what_is_damaged(self, change: dict[str, Any]) -> None:
        with pytest.raises(NotebookError, match=r"damaged|no notebook"):
            read_notebook(notebook_file(**change))

    @pytest.mark.parametrize("text", ["\x00", "\ud800"])
    def test_characters_no_database_stores(self, text: str) -> None:
        with pytest.raises(NotebookError, match="cannot be stored"):
            read_notebook(notebook_file(markdown(text, "a")))

    json_values = st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
        max_leaves=6,
    )

    @given(
        nbformat_number=st.sampled_from([3, 4]),
        cells=st.lists(st.dictionaries(st.sampled_from(list(code("")) + ["input"]), json_values)),
        worksheets=json_values,
        metadata=json_values,
    )
    @settings(max_examples=150, deadline=None)
    def test_nothing_but_a_refusal_comes_of_nonsense(
        self, nbformat_number: int, cells: Any, worksheets: Any, metadata: Any
    ) -> None:
        raw = notebook_file(
            nbformat=nbformat_number, cells=cells, worksheets=worksheets, metadata=metadata
        )
        with contextlib.suppress(NotebookError):
            read_notebook(raw)


class TestManifest:
    def test_cells_that_can_be_required(self) -> None:
        notebook = read_notebook(
            notebook_file(markdown("Text", "t"), code("a", "a", "required"), code("  \n", "b"))
        ).notebook
        assert [cell["id"] for cell in cells_of(notebook)] == ["a"]
        assert tagged_ids(notebook) == ["a"]

    @pytest.mark.parametrize(
        ("source", "label"),
        [
            ("# Check 1: names\nassert a", "Check 1: names"),
            ("\n\n  x = 1", "x = 1"),
            ("###\n## Two", "Two"),
            ("#", ""),
            ("y" * 100, "y" * 79 + "…"),
        ],
    )
    def test_a_label_is_the_first_line(self, source: str, label: str) -> None:
        assert label_of({"source": source}) == label

    def test_required_cells_come_in_the_notebooks_order(self) -> None:
        notebook = read_notebook(lesson_file("a", "b", "c")).notebook
        assert [cell["id"] for cell in manifest_of(notebook, ["c", "a", "gone"])] == ["a", "c"]

    def test_the_digest_names_a_version(self) -> None:
        text = read_notebook(lesson_file("a", "b")).text
        assert digest_of(text, ["a"]) == digest_of(text, ["a"])
        others = {digest_of(text, ["a", "b"]), digest_of(text + " ", ["a"])}
        assert digest_of(text, ["a"]) not in others

    def test_an_export_leaves_the_notebook_as_it_was(self) -> None:
        notebook = read_notebook(lesson_file("a")).notebook
        exported = json.loads(export(notebook, {"module": 7}, ["a"]))
        assert exported["metadata"]["live_lms"]["module"] == 7
        assert "live_lms" not in notebook["metadata"]
        assert read_notebook(json.dumps(exported).encode()).notebook == notebook


def test_the_demos_notebooks_are_stored_as_they_are() -> None:
    folder = Path(__file__).parents[2] / "example_site/bootcamp/content/notebooks"
    for path in folder.glob("*.ipynb"):
        assert len(tagged_ids(read_notebook(path.read_bytes()).notebook)) == 3


def test_a_process_that_reads_no_notebook_does_not_load_the_format() -> None:
    """Its schema checker may take seconds, which every command of a site would wait for."""
    program = (
        "import sys, wagtail_live_lms.notebooks.reading\n"
        "assert not {'nbformat', 'jsonschema'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)

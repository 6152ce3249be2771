"""The evaluation of a notebook: pure, and unmoved by whatever a file holds."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jupyter_extension.tests.lms import ERROR, cell, lesson
from jupyter_live_lms.lesson import SLICE_LENGTH, Reason, digest_of, evaluate, parse

SITE = "https://courses.example.org"


def reasons(*cells: dict[str, Any], **options: Any) -> dict[str, Reason]:
    evaluation = evaluate(lesson(SITE, *cells), **options)
    assert evaluation is not None
    return {left.id: left.reason for left in evaluation.remaining}


class TestACellPasses:
    def test_when_it_ran_without_an_error(self) -> None:
        evaluation = evaluate(lesson(SITE, cell("a"), cell("b")))
        assert evaluation is not None
        assert evaluation.passed == ("a", "b")
        assert evaluation.is_complete

    def test_when_its_error_is_expected(self) -> None:
        tagged = cell("b", outputs=[ERROR], metadata={"tags": ["raises-exception"]})
        assert reasons(cell("a"), tagged) == {}

    def test_when_it_wrote_to_stderr(self) -> None:
        warned = cell("b", outputs=[{"output_type": "stream", "name": "stderr", "text": "!"}])
        assert reasons(cell("a"), warned) == {}

    def test_when_the_source_is_a_list_of_lines(self) -> None:
        assert reasons(cell("a"), cell("b") | {"source": ["x = 1\n", "x"]}) == {}

    def test_whatever_other_cells_the_student_added(self) -> None:
        assert reasons(cell("a"), cell("scratch", count=None), cell("b")) == {}

    def test_in_any_order(self) -> None:
        assert reasons(cell("b", count=1), cell("a", count=9)) == {}


class TestACellDoesNotPass:
    @pytest.mark.parametrize(
        ("changed", "reason"),
        [
            (cell("b", count=None), Reason.NOT_RUN),
            (cell("b", count=0), Reason.NOT_RUN),
            (cell("b", outputs=[ERROR]), Reason.FAILED),
            (cell("b", source="  \n"), Reason.EMPTY),
            (cell("b", cell_type="markdown"), Reason.NOT_CODE),
            (cell("other"), Reason.MISSING),
            (cell("b") | {"execution_count": True}, Reason.NOT_RUN),
            (cell("b") | {"execution_count": "1"}, Reason.NOT_RUN),
        ],
    )
    def test_and_the_reason_is_named(self, changed: dict[str, Any], reason: Reason) -> None:
        assert reasons(cell("a"), changed) == {"b": reason}

    def test_when_a_copy_of_it_ran(self) -> None:
        assert reasons(cell("a"), cell("b", count=None), cell("b")) == {"b": Reason.NOT_RUN}


class TestStrictMode:
    def test_counts_code_that_was_seen_to_run(self) -> None:
        ran = {digest_of("1 + 1"): True}
        assert reasons(cell("a"), cell("b"), ran=ran) == {}

    def test_does_not_count_what_the_file_claims(self) -> None:
        seen = {digest_of("1 + 1"): True}
        assert reasons(cell("a"), cell("b", "2 + 2"), ran=seen) == {"b": Reason.NOT_SEEN}

    def test_counts_the_last_run(self) -> None:
        failed = {digest_of("1 + 1"): True, digest_of("2 + 2"): False}
        assert reasons(cell("a"), cell("b", "2 + 2"), ran=failed) == {"b": Reason.FAILED}

    def test_accepts_an_expected_error(self) -> None:
        tagged = cell("b", "1/0", outputs=[ERROR], metadata={"tags": ["raises-exception"]})
        ran = {digest_of("1 + 1"): True, digest_of("1/0"): False}
        assert reasons(cell("a"), tagged, ran=ran) == {}


class TestMark:
    @pytest.mark.parametrize(
        ("mark", "said"),
        [
            ({"schema": 2}, "newer version"),
            ({"policy": "manual"}, "newer version"),
            ({"module": "7"}, "damaged"),
            ({"module": True}, "damaged"),
            ({"module": -1}, "damaged"),
            ({"site": None}, "damaged"),
            ({"required": "ab"}, "damaged"),
            ({"required": [1]}, "damaged"),
        ],
    )
    def test_unusable_mark_says_what_to_do(self, mark: dict[str, Any], said: str) -> None:
        notebook = lesson(SITE, cell("a"), cell("b"))
        notebook["metadata"]["live_lms"] |= mark
        evaluation = evaluate(notebook)
        assert evaluation is not None
        assert said in evaluation.mark.problem
        assert not evaluation.is_complete

    def test_lesson_that_requires_nothing_is_never_complete(self) -> None:
        evaluation = evaluate(lesson(SITE, cell("a"), required=[]))
        assert evaluation is not None
        assert not evaluation.is_complete

    def test_label_is_the_first_line_and_short(self) -> None:
        evaluation = evaluate(lesson(SITE, cell("a", "\n# Sum\nx" + "y" * 99, count=None)))
        assert evaluation is not None
        assert [left.label for left in evaluation.remaining] == ["Sum", "b"]


class TestNotebooksOfAnyShape:
    @pytest.mark.parametrize(
        "notebook",
        [{}, {"metadata": None}, {"metadata": {}}, {"metadata": {"live_lms": None}}, {"cells": 1}],
    )
    def test_no_lesson_is_none(self, notebook: dict[str, Any]) -> None:
        assert evaluate(notebook) is None

    @pytest.mark.parametrize(
        "cells", [None, 1, {}, [1, None, []], [{}], [{"id": 3}], [{"id": "a"}]]
    )
    def test_odd_cells_are_missing_or_no_code(self, cells: object) -> None:
        evaluation = evaluate({**lesson(SITE), "cells": cells})
        assert evaluation is not None
        assert evaluation.passed == ()

    def test_odd_fields_of_a_cell_do_no_harm(self) -> None:
        odd = cell("b", outputs=[1, None], metadata={"tags": 3}) | {"source": [1, "x"]}
        assert reasons(cell("a", outputs=None, metadata=None), odd) == {}

    def test_nbformat_3_has_no_marks_of_cells(self) -> None:
        notebook = lesson(SITE) | {"nbformat": 3, "worksheets": [{"cells": [cell("a")]}]}
        del notebook["cells"]
        evaluation = evaluate(notebook)
        assert evaluation is not None
        assert {left.reason for left in evaluation.remaining} == {Reason.MISSING}


class TestParse:
    def test_reads_a_lesson(self) -> None:
        notebook = lesson(SITE, cell("a"))
        assert parse(json.dumps(notebook)) == notebook

    def test_keeps_the_kind_of_an_output_only(self) -> None:
        notebook = parse(json.dumps(lesson(SITE, cell("a", outputs=[{**ERROR, "evalue": "x"}]))))
        assert notebook is not None
        assert notebook["cells"][0]["outputs"] == [{"output_type": "error"}]

    @pytest.mark.parametrize("before", range(SLICE_LENGTH - 12, SLICE_LENGTH + 2, 3))
    def test_finds_the_key_across_slices(self, before: int) -> None:
        assert parse('{"' + "x" * (before - 5) + '":1,"live_lms":2}') is not None

    @pytest.mark.parametrize(
        "text",
        ["", "{", '{"live_lms"', '["live_lms"]', '"live_lms"', "[" * 100_000 + '"live_lms"', "{}"],
    )
    def test_anything_else_is_none(self, text: str) -> None:
        assert parse(text) is None

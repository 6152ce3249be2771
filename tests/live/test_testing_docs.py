"""The example of the kit's documentation, run as it stands there."""

from __future__ import annotations

import re
import unittest
from pathlib import Path
from types import ModuleType

import pytest

from wagtail_live_lms.testing import ComponentTestCase

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "testing.md"


def example() -> ModuleType:
    """The first block of code of the page, as a module."""
    found = re.search(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert found is not None
    module = ModuleType("documented_example")
    exec(compile(found[1], str(PAGE), "exec"), vars(module))
    return module


@pytest.mark.django_db
def test_the_documented_tests_pass() -> None:
    case = example().HeadCountTests
    assert issubclass(case, ComponentTestCase)
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(case).run(result)
    assert result.testsRun == 3
    assert [text for _, text in (*result.errors, *result.failures)] == []

"""What a page shows of a notebook, whatever its author put into it."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from lxml import html as lxml_html

from tests.notebook_files import code, markdown, notebook_file
from wagtail_live_lms.notebooks import read_notebook, render_cells
from wagtail_live_lms.notebooks.rendering import (
    MAX_CELLS,
    MAX_HIGHLIGHTED,
    is_shown_whole,
    render_excerpt,
)

PIXEL = base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()

HOSTILE = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x></svg>",
    "[click](javascript:alert(1))",
    "[click](JaVaScRiPt:alert(1))",
    "[click](&#106;avascript:alert(1))",
    "[click](data:text/html;base64,PHNjcmlwdD4=)",
    "[click](vbscript:x)",
    "<a href='java\tscript:alert(1)'>x</a>",
    "<a href=' javascript:alert(1)'>x</a>",
    "![x](data:image/svg+xml;base64,PHN2Zz4=)",
    "<img src='data:image/svg+xml,<svg onload=alert(1)>'>",
    "<iframe src='https://evil.example'></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data='x.swf'></object><embed src=x>",
    "<form action='https://evil.example'><input name=q><button>Go</button></form>",
    "<style>body{display:none}</style>",
    "<p style='position:fixed;inset:0'>over everything</p>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<base href='//evil.example/'>",
    "<math><mtext></mtext><mglyph><style><img src=x onerror=alert(1)></style></mglyph></math>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<div id=main class=live-lms-banner data-live-params=x hx-get=/evil>x</div>",
    "<video><source onerror=alert(1)></video>",
    "<details open ontoggle=alert(1)>x</details>",
    "<a href='https://ok.example' target=_top onclick=alert(1)>x</a>",
    "`<script>alert(1)</script>`",
    "```html\n<script>alert(1)</script>\n```",
    '```x" onmouseover=alert(1) y="\ncode\n```',
    "<!--><script>alert(1)</script-->",
    "<pre tabindex=5 onfocus=alert(1) autofocus>x</pre>",
    "<b title='x' onfocus=alert(1) autofocus tabindex=1>x</b>",
]

ELEMENTS = {"script", "svg", "iframe", "object", "embed", "form", "input", "button", "style"}
ELEMENTS |= {"link", "meta", "base", "math", "video", "source", "noscript", "details"}
ATTRIBUTES = {"style", "id", "target", "srcdoc", "data-live-params", "hx-get", "tabindex"}
SCHEMES = ("http://", "https://", "mailto:", "data:image/png;")


def rendered(*cells: dict[str, Any], **fields: Any) -> list[str]:
    notebook = read_notebook(notebook_file(*cells, **fields)).notebook
    return [str(view.html) for view in render_cells(notebook)]


def assert_harmless(html: str) -> None:
    """No element, attribute or address that could act, as a browser would read it."""
    tree = lxml_html.fragment_fromstring(html, create_parent="section")
    for element in tree.iterdescendants():
        assert element.tag not in ELEMENTS, html
        for name, value in element.attrib.items():
            assert not name.startswith("on"), html
            is_ours = name == "tabindex" and element.tag in {"pre", "table"} and value == "0"
            assert name not in ATTRIBUTES or is_ours, html
            if name in {"href", "src"}:
                address = "".join(value.split()).lower()
                is_relative = ":" not in address.split("/")[0]
                assert address.startswith(SCHEMES) or is_relative, html
            if name == "class":
                assert all(part.startswith("live-lms-hl-") for part in value.split()), html


class TestHostileNotebooks:
    @pytest.mark.parametrize("source", HOSTILE)
    @pytest.mark.parametrize("kind", ["markdown", "code", "raw"])
    def test_nothing_acts(self, source: str, kind: str) -> None:
        cells = {
            "markdown": markdown(source, "a"),
            "code": code(source, "a"),
            "raw": {"cell_type": "raw", "id": "a", "metadata": {}, "source": source},
        }
        for html in rendered(cells[kind]):
            assert_harmless(html)

    @pytest.mark.parametrize("source", HOSTILE)
    def test_outputs_are_not_even_kept(self, source: str) -> None:
        output = {"output_type": "display_data", "metadata": {}, "data": {"text/html": source}}
        upload = read_notebook(notebook_file(code("1", "a") | {"outputs": [output]}))
        assert source not in upload.text

    def test_what_names_the_language_cannot_act(self) -> None:
        for name in ("<script>", "../../etc", 1, None, {"a": 1}):
            metadata = {"language_info": {"name": name}, "kernelspec": name}
            try:
                html = rendered(code("x = 1", "a"), metadata=metadata)
            except ValueError:
                continue  # not valid, so it is not accepted at all
            assert "x" in html[0]

    def test_an_attachment_is_a_picture_or_nothing(self) -> None:
        def shown(bundle: Any) -> str:
            return rendered(markdown("![x](attachment:p.png)", "a", attachments={"p.png": bundle}))[
                0
            ]

        assert f"data:image/png;base64,{PIXEL}" in shown({"image/png": PIXEL})
        assert f"data:image/png;base64,{PIXEL}" in shown({"image/png": [PIXEL[:4], PIXEL[4:]]})
        for bundle in (
            {"image/svg+xml": base64.b64encode(b"<svg onload=alert(1)>").decode()},
            {"text/html": PIXEL},
            {"image/png": "no base64!"},
            {"image/png;x": '" onerror="alert(1)'},
            {},
        ):
            assert_harmless(shown(bundle))
            assert "base64" not in shown(bundle)
        assert "data:" not in rendered(markdown("![x](attachment:other)", "a"))[0]


class TestWhatIsShown:
    def test_markdown(self) -> None:
        html = rendered(markdown("# Title\n\nSome **bold** `code`\n\n| a |\n|---|\n| 1 |", "a"))[0]
        assert "<h3>Title</h3>" in html
        assert "<strong>bold</strong>" in html
        assert "<td>1</td>" in html

    def test_headings_never_end_below_the_sixth(self) -> None:
        html = rendered(markdown("###### Deep\n\nSetext\n---", "a"))[0]
        assert "<h6>Deep</h6>" in html
        assert "<h4>Setext</h4>" in html

    def test_html_that_only_says_how_it_looks(self) -> None:
        html = rendered(
            markdown("H<sub>2</sub>O<br><img src='https://a.example/b.png' alt='B'>", "a")
        )
        assert "<sub>2</sub>" in html[0]
        assert 'alt="B"' in html[0]

    def test_links_do_not_give_away_the_page(self) -> None:
        html = rendered(markdown("[docs](https://docs.python.org)", "a"))[0]
        assert 'rel="noopener noreferrer"' in html

    def test_code_in_colours(self) -> None:
        html = rendered(code("for x in 'abc':\n    print(x)", "a"))[0]
        assert '<span class="live-lms-hl-k">for</span>' in html
        assert rendered(markdown("```python\nfor\n```", "a"))[0].count("live-lms-hl-k") == 1

    def test_code_of_other_languages(self) -> None:
        html = rendered(code("SELECT 1", "a"), metadata={"language_info": {"name": "sql"}})[0]
        assert "live-lms-hl-k" in html
        plain = rendered(code("a < b", "a"), metadata={"language_info": {"name": "klingon"}})[0]
        assert plain.strip() == "a &lt; b"

    def test_very_long_code_stays_grey(self) -> None:
        html = rendered(code("x = 1\n" * MAX_HIGHLIGHTED, "a"))[0]
        assert "<span" not in html

    def test_a_very_long_notebook_is_not_shown_whole(self) -> None:
        many = read_notebook(notebook_file(*(code("1", f"c{n}") for n in range(MAX_CELLS + 1))))
        assert len(render_cells(many.notebook)) == MAX_CELLS
        assert not is_shown_whole(many.notebook)
        wide = read_notebook(notebook_file(code("1", "a"), code("x" * 300_000, "b")))
        assert [view.id for view in render_cells(wide.notebook)] == ["a"]

    def test_required_cells_are_marked(self) -> None:
        notebook = read_notebook(notebook_file(code("1", "a"), code("2", "b"))).notebook
        assert [view.is_required for view in render_cells(notebook, ("b",))] == [False, True]

    def test_an_excerpt_has_the_first_lines(self) -> None:
        notebook = read_notebook(notebook_file(code("x = 1\n" * 20, "a"))).notebook
        view = render_excerpt(notebook["cells"][0], notebook)
        assert view.is_cut
        assert str(view.html).count("\n") == 8

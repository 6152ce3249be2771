"""Reads a lesson file into typed pieces, each of which becomes one block of the page body.

The format is Markdown between a small header and these conventions:

- a fenced block is a code sample; its info string may hold `file=NAME`, `raises` when the sample
  is meant to end in an exception, and `stdin=A|B` for what a person types at the keyboard
- a fenced block called `output` is what the sample above it prints
- a quotation beginning with `[!note] Title` (or `warning`, `exercise`) is a callout
- an image alone in a paragraph is a figure; its title is the caption
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

CONTENT_DIR = Path(__file__).resolve().parent
IMAGES_DIR = CONTENT_DIR / "images"

_markdown = MarkdownIt("commonmark", {"html": False, "xhtmlOut": True})


@dataclass(frozen=True)
class Heading:
    text: str


@dataclass(frozen=True)
class Text:
    html: str


@dataclass(frozen=True)
class Code:
    language: str
    code: str
    filename: str = ""
    output: str = ""
    raises: bool = False
    stdin: tuple[str, ...] = ()


@dataclass(frozen=True)
class Figure:
    file: Path
    alt: str
    caption: str


@dataclass(frozen=True)
class Callout:
    kind: str
    title: str
    html: str


Piece = Heading | Text | Code | Figure | Callout


@dataclass(frozen=True)
class Lesson:
    slug: str
    title: str
    summary: str
    rule: str
    minutes: int
    pieces: tuple[Piece, ...]


def read_lessons() -> list[Lesson]:
    """All lessons in the order of their file names."""
    return [read_lesson(path) for path in sorted(CONTENT_DIR.glob("[0-9][0-9]-*.md"))]


def read_lesson(path: Path) -> Lesson:
    """Raises KeyError or ValueError when the header is incomplete or a piece is not understood."""
    _, header, body = path.read_text(encoding="utf-8").split("---\n", 2)
    fields = dict(line.split(": ", 1) for line in header.strip().splitlines())
    return Lesson(
        slug=path.stem[3:],
        title=fields["title"],
        summary=fields["summary"],
        rule=fields["rule"],
        minutes=int(fields["minutes"]),
        pieces=tuple(_join_output(_read_pieces(body))),
    )


def _read_pieces(body: str) -> Iterator[Piece]:
    for node in SyntaxTreeNode(_markdown.parse(body)).children:
        if node.type == "heading":
            yield Heading(node.children[0].content)
        elif node.type == "fence":
            yield _read_code(node)
        elif node.type == "blockquote":
            yield _read_callout(node)
        elif image := _find_lone_image(node):
            yield _read_figure(image)
        else:
            yield Text(_render([node]))


def _join_output(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Attach every `output` to the sample above it, and join neighbouring paragraphs."""
    held: Piece | None = None
    for piece in pieces:
        if isinstance(held, Code) and isinstance(piece, Code) and piece.language == "output":
            held = replace(held, output=piece.code)
        elif isinstance(held, Text) and isinstance(piece, Text):
            held = Text(held.html + piece.html)
        else:
            if held is not None:
                yield held
            held = piece
    if held is not None:
        yield held


def _read_code(node: SyntaxTreeNode) -> Code:
    language, *options = node.info.split()
    named = dict(option.split("=", 1) for option in options if "=" in option)
    return Code(
        language=language,
        code=node.content.rstrip("\n"),
        filename=named.get("file", ""),
        raises="raises" in options,
        stdin=tuple(named["stdin"].split("|")) if "stdin" in named else (),
    )


def _read_callout(node: SyntaxTreeNode) -> Callout:
    marker, *rest = node.children
    first_line, _, remaining = marker.children[0].content.partition("\n")
    kind, title = first_line.removeprefix("[!").split("] ", 1)
    html = _markdown.render(remaining) if remaining else ""
    return Callout(kind=kind, title=title, html=html + _render(rest))


def _find_lone_image(node: SyntaxTreeNode) -> SyntaxTreeNode | None:
    inline = node.children[0] if node.type == "paragraph" else None
    if inline is None or [child.type for child in inline.children] != ["image"]:
        return None
    return inline.children[0]


def _read_figure(image: SyntaxTreeNode) -> Figure:
    return Figure(
        file=IMAGES_DIR / str(image.attrs["src"]),
        alt=image.content,
        caption=str(image.attrs.get("title", "")),
    )


def _render(nodes: list[SyntaxTreeNode]) -> str:
    """HTML of the nodes with the tags Wagtail's rich text editor uses."""
    tokens = [token for node in nodes for token in node.to_tokens()]
    html = _markdown.renderer.render(tokens, _markdown.options, {})
    for tag, rich_text_tag in (("strong", "b"), ("em", "i")):
        html = html.replace(f"<{tag}>", f"<{rich_text_tag}>")
        html = html.replace(f"</{tag}>", f"</{rich_text_tag}>")
    return html

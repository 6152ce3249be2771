"""The quizzes of the bootcamp, as a StreamField stores their questions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import NAMESPACE_URL, uuid5

Block = dict[str, Any]


@dataclass(frozen=True)
class QuizText:
    """A quiz before it is in the database; `lesson` is the page it stands on."""

    lesson: str
    title: str
    introduction: str
    questions: tuple[Block, ...]
    settings: dict[str, Any] = field(default_factory=dict)


def _id(*words: str) -> str:
    """The same each time, so that loading the course again finds the same question."""
    return str(uuid5(NAMESPACE_URL, "live-lms-bootcamp/" + "/".join(words)))


def _question(
    kind: str, text: str, explanation: str = "", points: str = "1", **value: Any
) -> Block:
    common = {"text": text, "points": points, "explanation": explanation, "void": False}
    return {"type": kind, "id": _id(kind, text), "value": common | value}


def _items(question: str, *values: Block) -> list[Block]:
    return [
        {"type": "item", "id": _id(question, str(place)), "value": value}
        for place, value in enumerate(values)
    ]


def _choices(question: str, *choices: tuple[bool, str, str], last: str = "") -> list[Block]:
    """Each as (is right, text, feedback); a choice whose text is `last` stays last."""
    return _items(
        question,
        *(
            {"text": f"<p>{text}</p>", "correct": right, "feedback": said, "pinned": text == last}
            for right, text, said in choices
        ),
    )


def _single(
    text: str, *choices: tuple[bool, str, str], explanation: str = "", last: str = ""
) -> Block:
    listed = _choices(text, *choices, last=last)
    for choice in listed:
        choice["value"]["credit"] = 0
    return _question("single_choice", text, explanation, choices=listed, shuffle=True, tail="")


def _several(text: str, *choices: tuple[bool, str, str], explanation: str = "") -> Block:
    return _question(
        "multiple_choice",
        text,
        explanation,
        "2",
        choices=_choices(text, *choices),
        method="right_minus_wrong",
        shuffle=True,
    )


def _true_false(text: str, correct: bool, said_true: str, said_false: str) -> Block:
    return _question(
        "true_false",
        text,
        correct=str(correct).lower(),
        feedback_true=said_true,
        feedback_false=said_false,
    )


def _short(
    text: str, *accepted: tuple[str, int, str], tail: str = "", explanation: str = ""
) -> Block:
    answers = [{"text": a, "credit": credit, "feedback": said} for a, credit, said in accepted]
    return _question(
        "short_text",
        text,
        explanation,
        answers=_items(text, *answers),
        match_case=True,
        ignore_accents=False,
        ignore_punctuation=False,
        wildcards=False,
        tail=tail,
    )


def _number(
    text: str, value: str, absolute: str = "0", unit: str = "", explanation: str = ""
) -> Block:
    accepted = {
        "value": value,
        "absolute": absolute,
        "relative": "0",
        "credit": 100,
        "feedback": "",
    }
    return _question(
        "number",
        text,
        explanation,
        answers=_items(text, accepted),
        unit=unit,
        decimal_comma=False,
        tail="",
    )


def _ordering(text: str, *items: str, explanation: str = "") -> Block:
    listed = _items(text, *({"text": f"<p>{item}</p>"} for item in items))
    return _question("ordering", text, explanation, "2", items=listed, method="each_position")


def _matching(text: str, *pairs: tuple[str, str], others: tuple[str, ...] = ()) -> Block:
    listed = _items(
        text, *({"prompt": f"<p>{p}</p>", "match": match, "feedback": ""} for p, match in pairs)
    )
    distractors = _items(f"{text} others", *({"text": other} for other in others))
    return _question(
        "matching", text, points="2", pairs=listed, distractors=distractors, shuffle=True
    )


def _long(text: str, guidance: str, points: str = "5", words: tuple[int, int] = (20, 200)) -> Block:
    return _question(
        "long_answer",
        text,
        points=points,
        guidance=guidance,
        min_words=words[0],
        max_words=words[1],
    )


def _code(*lines: str) -> str:
    return "<pre><code>" + "\n".join(lines) + "</code></pre>"


FIRST_STEPS = QuizText(
    lesson="checkpoint-first-steps",
    title="Checkpoint: first steps",
    introduction="<p>Values, names, text and decisions. Take your time: nothing is timed, your "
    "answers are saved as you give them, and you may try again.</p>",
    questions=(
        _single(
            "<p>What does this program print?</p>"
            + _code("price = 4", "price = price + 2", "print(price)"),
            (True, "<code>6</code>", ""),
            (False, "<code>4</code>", "The second line ties the name to a new value."),
            (
                False,
                "<code>price + 2</code>",
                "Without quotes it is computed, not printed as text.",
            ),
            (
                False,
                "It stops with an error.",
                "A name may be used on both sides of the equals sign.",
            ),
            explanation="<p>The right side is worked out first, with the old value; then the name "
            "is tied to the result.</p>",
            last="It stops with an error.",
        ),
        _several(
            "<p>Which of these are text (a <b>str</b>)?</p>",
            (True, "<code>'42'</code>", ""),
            (True, '<code>"forty-two"</code>', ""),
            (True, "<code>str(42)</code>", ""),
            (False, "<code>42</code>", "Without quotes it is a whole number."),
            (False, "<code>4.2</code>", "A point in the middle makes it a float."),
            (False, "<code>forty_two</code>", "Without quotes it is a name, tied to any value."),
            explanation="<p>Quotes make text, and <code>str(...)</code> turns any value into text. "
            "A wrong tick takes away a right one.</p>",
        ),
        _true_false(
            "<p><code>'3' + '4'</code> gives <code>'7'</code>.</p>",
            False,
            "With text, + joins: the result is '34'.",
            "Right: the plus sign joins text, so the result is '34'.",
        ),
        _short(
            "<p>Which method turns <code>'python'</code> into <code>'PYTHON'</code>? "
            "Write its name.</p>",
            ("upper", 100, ""),
            ("upper()", 100, "The name alone is enough."),
            (".upper()", 100, "The name alone is enough."),
            ("str.upper", 100, ""),
            ("capitalize", 25, "That makes only the first letter large."),
            explanation="<p><code>'python'.upper()</code> gives a new string; the old one stays "
            "as it was.</p>",
        ),
        _number(
            "<p>How long is this text? Work out <code>len('it\\'s ok')</code>.</p>",
            "7",
            unit="characters",
            explanation="<p>The backslash only protects the quote; it is not a part of the text. "
            "The space counts.</p>",
        ),
        _ordering(
            "<p>Bring these lines into an order in which the program prints <code>warm</code>.</p>",
            "<code>temperature = 21</code>",
            "<code>if temperature &lt; 18:</code>",
            "<code>&nbsp;&nbsp;&nbsp;&nbsp;print('cold')</code>",
            "<code>else:</code>",
            "<code>&nbsp;&nbsp;&nbsp;&nbsp;print('warm')</code>",
            explanation="<p>A name must be given before it is asked about, and "
            "<code>else</code> belongs to the <code>if</code> above it.</p>",
        ),
        _matching(
            "<p>What does each expression give?</p>",
            ("<code>7 // 2</code>", "3"),
            ("<code>7 % 2</code>", "1"),
            ("<code>7 / 2</code>", "3.5"),
            ("<code>7 &gt; 2</code>", "True"),
            others=("False", "4"),
        ),
    ),
)

LOOPS = QuizText(
    lesson="checkpoint-loops-and-functions",
    title="Checkpoint: loops, collections and functions",
    introduction="<p>Ten minutes, five questions. The clock goes on when you leave the page; when "
    "the time is up, what you have saved is handed in for you.</p>",
    settings={"time_limit": 10, "shuffle_questions": True, "feedback_time": "at_once"},
    questions=(
        _number(
            "<p>How often does this loop print?</p>"
            + _code("for n in range(2, 11, 3):", "    print(n)"),
            "3",
            unit="times",
            explanation="<p>2, 5 and 8; the next would be 11, where the range ends.</p>",
        ),
        _single(
            "<p>Which loop fits “ask until the answer is yes”?</p>",
            (True, "<code>while answer != 'yes':</code>", ""),
            (
                False,
                "<code>for answer in 'yes':</code>",
                "That goes through the letters y, e and s.",
            ),
            (False, "<code>if answer != 'yes':</code>", "That asks only once more."),
            explanation="<p>You do not know beforehand how often it will be: that is "
            "what <code>while</code> is for.</p>",
        ),
        _several(
            "<p>What is true of a dictionary?</p>",
            (True, "Each key occurs once.", ""),
            (True, "A value may occur under several keys.", ""),
            (True, "<code>d.get('x', 0)</code> never raises a KeyError.", ""),
            (False, "Its keys must be text.", "Numbers and tuples do as well."),
            (False, "<code>d[0]</code> is its first entry.", "That looks up the key 0."),
            (False, "It sorts its keys.", "It keeps them as they came in; sorted(d) sorts them."),
        ),
        _short(
            "<p>Which word gives a value back to whoever called the function?</p>",
            ("return", 100, ""),
            ("yield", 50, "That hands out one value after another; for one total, use return."),
            tail="total",
        ),
        _matching(
            "<p>Given <code>letters = ['a', 'b', 'c', 'd']</code>, what is …</p>",
            ("<code>letters[1]</code>", "'b'"),
            ("<code>letters[-1]</code>", "'d'"),
            ("<code>letters[1:3]</code>", "['b', 'c']"),
            ("<code>len(letters)</code>", "4"),
            others=("'a'", "['b', 'c', 'd']", "3"),
        ),
    ),
)

REVIEW = QuizText(
    lesson="checkpoint-in-your-own-words",
    title="Checkpoint: in your own words",
    introduction="<p>Two short questions and one to think about. Your instructor reads the long "
    "answer, so the result comes later.</p>",
    settings={"attempts_allowed": 2, "pass_mark": 50, "posting": "manual", "undo": True},
    questions=(
        _true_false(
            "<p>A test that never fails when the code is wrong is still worth keeping.</p>",
            False,
            "What does it tell you, then? Break the code on purpose and see the test fail once.",
            "Right. Break the code on purpose and see the test fail once.",
        ),
        _short(
            "<p>Which exception does <code>int('seven')</code> raise?</p>",
            ("ValueError", 100, ""),
            ("TypeError", 25, "Close: text is the right type here, but not with this value."),
        ),
        _long(
            "<p>A friend says: “I put <code>try</code> around everything, so my program never "
            "crashes.” Explain in a few sentences why that is a bad idea and what you would do "
            "instead.</p>",
            "<p>Two points for naming the harm (mistakes are hidden, wrong results go on), two for "
            "catching only what is expected and can be handled, one for an example.</p>",
        ),
    ),
)

QUIZZES = (FIRST_STEPS, LOOPS, REVIEW)

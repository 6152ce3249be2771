"""Questions, and how a response to one is judged: pure functions that know no Django.

A question is an immutable model of what its author wrote. Given a response it says the result,
the same one every time: `load_questions`, `answers_schema`, `grade_all`, `lint_quiz`.
"""

from .analysis import MINIMUM_N, Item, item_analysis, matches_chosen, right_places
from .arrangements import Matching, Ordering
from .base import Mark, Option, Outcome, Question, Result
from .choices import MultipleChoice, SingleChoice, TrueFalse
from .custom import CustomQuestion, Definition
from .findings import Finding
from .judging import judgement
from .lint import lint_quiz
from .loading import KINDS, load_question, load_questions
from .number import Number
from .quiz import Graded, grade_all, maximum_points
from .schema import answers_schema, field_name, responses_in
from .sums import Sums, item_of_sums
from .texts import Information, LongAnswer, ShortText

__all__ = [
    "KINDS",
    "MINIMUM_N",
    "CustomQuestion",
    "Definition",
    "Finding",
    "Graded",
    "Information",
    "Item",
    "LongAnswer",
    "Mark",
    "Matching",
    "MultipleChoice",
    "Number",
    "Option",
    "Ordering",
    "Outcome",
    "Question",
    "Result",
    "ShortText",
    "SingleChoice",
    "Sums",
    "TrueFalse",
    "answers_schema",
    "field_name",
    "grade_all",
    "item_analysis",
    "item_of_sums",
    "judgement",
    "lint_quiz",
    "load_question",
    "load_questions",
    "matches_chosen",
    "maximum_points",
    "responses_in",
    "right_places",
]

"""StreamField blocks. This module's names are permanent: sites' migrations refer to them."""

from .live import CourseProgressBlock, InstructorDashboardBlock, QuizBlock, QuizResultsBlock
from .notebook import NotebookLessonBlock
from .question_types import (
    AcceptedNumberBlock,
    AcceptedTextBlock,
    ChoiceOptionBlock,
    DistractorBlock,
    LongAnswerBlock,
    MatchingBlock,
    MultipleChoiceBlock,
    NumberBlock,
    OrderedItemBlock,
    OrderingBlock,
    PairBlock,
    ShortTextBlock,
    SingleChoiceBlock,
    SingleOptionBlock,
    TrueFalseBlock,
)
from .questions import (
    InformationBlock,
    QuestionBlock,
    QuestionStreamBlock,
    question_types,
    register_question,
    unregister_question,
)

__all__ = [
    "AcceptedNumberBlock",
    "AcceptedTextBlock",
    "ChoiceOptionBlock",
    "CourseProgressBlock",
    "DistractorBlock",
    "InformationBlock",
    "InstructorDashboardBlock",
    "LongAnswerBlock",
    "MatchingBlock",
    "MultipleChoiceBlock",
    "NotebookLessonBlock",
    "NumberBlock",
    "OrderedItemBlock",
    "OrderingBlock",
    "PairBlock",
    "QuestionBlock",
    "QuestionStreamBlock",
    "QuizBlock",
    "QuizResultsBlock",
    "ShortTextBlock",
    "SingleChoiceBlock",
    "SingleOptionBlock",
    "TrueFalseBlock",
    "question_types",
    "register_question",
    "unregister_question",
]

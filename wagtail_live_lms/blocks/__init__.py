"""StreamField blocks. This module's names are permanent: sites' migrations refer to them."""

from .course import CourseOutlineBlock, EnrolButtonBlock, StudentViewBlock
from .live import (
    AskForHelpBlock,
    CourseProgressBlock,
    GradeNotificationBlock,
    InstructorDashboardBlock,
    QuizBlock,
    QuizResultsBlock,
)
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
from .stream import LiveLMSStreamBlock

__all__ = [
    "AcceptedNumberBlock",
    "AcceptedTextBlock",
    "AskForHelpBlock",
    "ChoiceOptionBlock",
    "CourseOutlineBlock",
    "CourseProgressBlock",
    "DistractorBlock",
    "EnrolButtonBlock",
    "GradeNotificationBlock",
    "InformationBlock",
    "InstructorDashboardBlock",
    "LiveLMSStreamBlock",
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
    "StudentViewBlock",
    "TrueFalseBlock",
    "question_types",
    "register_question",
    "unregister_question",
]

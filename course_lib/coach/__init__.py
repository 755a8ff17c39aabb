"""Exercises, checks, verdicts, hints, quizzes and progress.

In a notebook: `ex = exercises("lazy-loading")`, then `await ex.users_with_orders.check(users_with_orders)`;
`desk = lesson("lazy-loading")`, then `desk.predict("first-touch")`. Behind every check stands `grade`.
"""

from course_lib.coach.desk import exercises, lesson, review
from course_lib.coach.exercise import not_attempted
from course_lib.coach.folder import FolderReport, Graded, grade_folder
from course_lib.coach.grade import CannotJudge, grade, grade_file
from course_lib.coach.library import all_lessons, catalogue, find_exercise, find_lesson
from course_lib.coach.progress import LessonProgress, ResumePoint, reset, resume_point, summary
from course_lib.coach.verdict import Breach, Verdict

__all__ = [
    "Breach",
    "CannotJudge",
    "FolderReport",
    "Graded",
    "LessonProgress",
    "ResumePoint",
    "Verdict",
    "all_lessons",
    "catalogue",
    "exercises",
    "find_exercise",
    "find_lesson",
    "grade",
    "grade_file",
    "grade_folder",
    "lesson",
    "not_attempted",
    "reset",
    "resume_point",
    "review",
    "summary",
]

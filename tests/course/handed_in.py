"""Progress files as students hand them in, answered from the questions' own keys."""

import json
import uuid
from datetime import UTC, datetime, timedelta

from oslab.course.chapters import quiz_of
from oslab.quizzes.bank import draw
from oslab.quizzes.progress_file import Record, write_file, write_time

START = datetime(2026, 11, 20, 12, tzinfo=UTC)


def plain(value):
    return json.loads(json.dumps(value, default=sorted))


def answered(chapter, part, right=True, seed=1, minute=0, **more):
    """Return the record of an answer, right or wrong."""
    bank = quiz_of(chapter)
    source = next(parts[part] for parts in map(bank.parts, bank) if part in parts)
    question = draw(source, seed)
    given = plain(question.key if right else next(question.wrong_answers()))
    verdict = question.grade(given)
    at = write_time(START + timedelta(minutes=minute))
    told = (bank.chapter, part, seed, question.kind, given, verdict.right, verdict.score, 1, at, question.digest)
    record = Record(uuid.uuid4().hex, *told)
    return Record(**{**vars(record), **more})


def hand_in(folder, name, records, file=None):
    path = folder / (file or f"{name.replace(' ', '-')}.sqlite")
    path.parent.mkdir(parents=True, exist_ok=True)
    write_file(path, records, name)
    return path

"""Banks: the questions of one chapter, by key, drawn from seeds."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from inspect import signature
from string import ascii_lowercase

from oslab.base import Instance, Several, integer, shown, teacher_folder
from oslab.quizzes.kinds.question import Question, need_text

__all__ = ["BANKS", "LAST_SEED", "SEED", "Bank", "Source", "draw", "needs_seed"]

# A question, or a function of a seed that makes one.
Source = Question | Callable[[int], Question]

LAST_SEED = 2**31 - 1
SEED = integer(0, LAST_SEED)


def needs_seed(source: Source) -> bool:
    """Return whether a source makes another question from another seed."""
    return not isinstance(source, Question)


def draw(source: Source, seed: int) -> Question:
    """Return the question that a source makes from a seed.

    Raises
    ------
    TypeError, ValueError
        What is no seed; a function that returns something else.
    """
    if isinstance(source, Question):
        return source
    question = source(SEED.check("seed", seed))
    if not isinstance(question, Question):
        raise TypeError(f"{_name(source)}({seed}) returned {shown(question)}: a question is needed")
    return question


def _name(source: Source) -> str:
    named = type(source) if isinstance(source, Question) else source
    return getattr(named, "__name__", repr(named))


class Bank(Mapping[str, tuple[Source, ...]]):
    """The questions of one chapter, under the keys Q1, Q2 and so on.

    Parameters
    ----------
    chapter : str
        Progress is kept under this name: ``"memory"``.
    entries : sequence
        An entry is a question, a function of a seed that returns one, or a tuple of these (its parts, for a
        written answer that is followed by graded ones; they share one seed).  The questions of the teacher's folder
        follow them (`oslab.base.teacher_folder`).
    title : str, optional
        On screen; the chapter's name with a capital if not given.

    Examples
    --------
    >>> from oslab.quizzes import Number
    >>> def double(seed):
    ...     return Number(f"{seed} pages, twice: how many pages?", 2 * seed, "pages", {seed: "That is once."})
    >>> bank = Bank("example", [double])
    >>> bank.draw("Q1", seed=4)["Q1"].key
    8.0
    """

    def __init__(self, chapter: str, entries: Sequence[Source | tuple[Source, ...]], title: str = ""):
        self.chapter = need_text("chapter", chapter)
        self.title = title or chapter[0].upper() + chapter[1:]
        self._entries: dict[str, tuple[Source, ...]] = {}
        for number, entry in enumerate(entries, 1):
            parts = entry if isinstance(entry, tuple) else (entry,)
            if not parts or not all(isinstance(part, Question) or callable(part) for part in parts):
                raise TypeError(
                    f"entries[{number - 1}]={shown(entry)}: a question, a function of a seed, or a tuple of these is needed"
                )
            self._entries[f"Q{number}"] = parts
        self._join_own()
        if not self._entries:
            raise ValueError("entries=[]: a bank holds at least one question")

    def _join_own(self) -> None:
        """Take in the questions of the teacher's folder, as T1, T2 and so on."""
        for number, (name, function) in enumerate(teacher_folder.definitions(self.chapter, "questions.py").items(), 1):
            with teacher_folder.left_out_if_bad(f"question {name} of {teacher_folder.folder()}"):
                source = function if signature(function).parameters else function()
                draw(source, 1)
                self._entries[f"T{number}"] = (source,)

    def __getitem__(self, key: str) -> tuple[Source, ...]:
        if key not in self._entries:
            raise KeyError(f"{shown(key)}: {self.chapter} has {', '.join(self._entries)}")
        return self._entries[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __repr__(self) -> str:
        return f"<{len(self)} questions on {self.chapter}: {', '.join(self)}>"

    def select(self, *keys: str) -> "Bank":
        """Return a bank of some entries, under the keys that they have here, so that progress is one.

        Raises
        ------
        KeyError
            A key that is not here.

        Examples
        --------
        >>> from oslab import memory
        >>> memory.QUIZ.select("Q4", "Q2")
        <2 questions on memory: Q2, Q4>
        """
        kept = {key: self[key] for key in keys}
        chosen = Bank(self.chapter, [*kept.values()], self.title)
        chosen._entries = {key: kept[key] for key in self if key in kept}
        return chosen

    def parts(self, key: str) -> dict[str, Source]:
        """Return the parts of an entry under their own keys: Q2, or Q1a, Q1b, … where it has several."""
        sources = self[key]
        if len(sources) == 1:
            return {key: sources[0]}
        return {f"{key}{letter}": source for letter, source in zip(ascii_lowercase, sources, strict=False)}

    def draw(self, key: str, seed: int = 1) -> dict[str, Question]:
        """Return the questions of an entry that belong to a seed, by part."""
        return {part: draw(source, seed) for part, source in self.parts(key).items()}

    def name(self, part: str) -> str:
        """Return what a part is called in messages: its key and its function's name."""
        source = next(parts[part] for parts in map(self.parts, self) if part in parts)
        return f"{self.chapter} {part} ({_name(source)})"


BANKS = Several(Instance(Bank), most=20)

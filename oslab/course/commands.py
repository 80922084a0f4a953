"""The commands of ``python -m oslab``: each is a module with `main(arguments) -> int`, imported when it is called."""

import importlib
import sys

__all__ = ["COMMANDS", "main"]

# A word that is none of these is a folder for the notebooks: `oslab.course.launch`.
COMMANDS: dict[str, str] = {
    "assign": "oslab.course.assignment",
    "gradebook": "oslab.course.gradebook_files",
    "site": "oslab.course.site.build",
    "record": "oslab.course.record",
    "why": "oslab.ai.measure.why_command",
}


def main(arguments: list[str] | None = None) -> int:
    """Run the command that the first argument names, else open the course; return the exit status."""
    given = sys.argv[1:] if arguments is None else arguments
    if given and given[0] in COMMANDS:
        try:
            return importlib.import_module(COMMANDS[given[0]]).main(given[1:])
        except (OSError, ValueError) as error:  # it says what is wrong in a sentence
            print(error, file=sys.stderr)
            return 1
    return importlib.import_module("oslab.course.launch").main(given)

"""oslab: operating systems for AI/ML engineers, as interactive notebooks on compiled simulators.

The wings (one per chapter) and the lab's tools are loaded on first use, so importing
``oslab`` costs next to nothing and pulls in neither numpy nor numba.
"""

import lazy_loader as _lazy

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=["ai", "devices", "filesystems", "machine", "memory", "processes", "scheduling", "synchronization"],
    submod_attrs={
        "base": ["as_text"],
        "course": ["copies", "start_chapter"],
        "lab": ["explore", "lecture", "program", "slider"],
        "quizzes": ["exam", "progress", "quiz"],
    },
)


def load_ipython_extension(shell):
    """Give a notebook ``%%why``, which says why a cell is slow (``%load_ext oslab``)."""
    from oslab.ai.measure.cell_magic import register

    register(shell)

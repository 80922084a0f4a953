"""What runs outside a cell: the launch, the learner's copies of the notebooks, what a saved notebook keeps.

It is also the Jupyter server extension that keeps pictures in saved notebooks: ``config/`` switches it on, for a
server started by ``python -m oslab``, and, once oslab is installed, for every server of that environment.
"""

from typing import Any

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__, submod_attrs={"copies_panel": ["copies"], "start": ["start_chapter"]}
)


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "oslab.course"}]


def _load_jupyter_server_extension(app: Any) -> None:
    from oslab.course.saving import pre_save

    app.contents_manager.register_pre_save_hook(pre_save)

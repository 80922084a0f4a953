"""What JupyterLab needs around the notebooks: your own copies, the launch, and a hook that keeps saved pictures.

It is also the Jupyter server extension that brings the hook: ``config/`` switches it on, for a server started by
``python -m oslab``, and, once oslab is installed, for every server of that environment.
"""

from __future__ import annotations

from typing import Any


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "oslab.lab.server"}]


def _load_jupyter_server_extension(app: Any) -> None:
    from oslab.lab.server.saving import pre_save

    app.contents_manager.register_pre_save_hook(pre_save)

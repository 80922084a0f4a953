"""Where the course can be opened: links made from the repository's address, which pyproject.toml alone gives."""

import re

from oslab.base import checked, text

__all__ = ["BINDER", "binder_address", "colab_address", "page_address"]

BINDER = "https://mybinder.org"


def _owner(address: str) -> tuple[str, str]:
    found = re.fullmatch(r"https://github\.com/([\w.-]+)/([\w.-]+)", address)
    if found is None:
        raise ValueError(f"address={address!r}: allowed is https://github.com/OWNER/NAME")
    return found[1], found[2]


@checked(address=text(500), notebook=text(500))
def binder_address(address: str, notebook: str) -> str:
    """Return the address at which Binder opens a notebook in JupyterLab.

    Raises
    ------
    ValueError
        A repository that is not on GitHub.
    """
    return f"{BINDER}/v2/gh/{'/'.join(_owner(address))}/HEAD?urlpath=lab/tree/notebooks/{notebook}"


@checked(address=text(500), notebook=text(500))
def colab_address(address: str, notebook: str) -> str:
    """Return the address at which Colab opens a notebook.

    Raises
    ------
    ValueError
        A repository that is not on GitHub.
    """
    return f"https://colab.research.google.com/github/{'/'.join(_owner(address))}/blob/HEAD/notebooks/{notebook}"


@checked(address=text(500), page=text(500))
def page_address(address: str, page: str = "") -> str:
    """Return the address of a page of the web edition, or of the whole.

    Raises
    ------
    ValueError
        A repository that is not on GitHub.
    """
    owner, name = _owner(address)
    return f"https://{owner.lower()}.github.io/{name}/{page}"

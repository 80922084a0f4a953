"""What chapter 3 asks: its quiz, and the predictions before its labs."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(__name__, submodules=["predictions"], submod_attrs={"quiz": ["QUIZ"]})

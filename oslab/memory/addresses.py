"""Virtual addresses of x86-64, read from text and taken apart: an index for each level of page tables, and an offset."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from oslab.base.arguments import one_of, whole

__all__ = ["LEVEL_NAMES", "PAGE_SIZES", "Split", "check_address", "cut", "is_canonical", "parse_address", "split"]

LEVEL_NAMES = {4: ("PGD", "PUD", "PMD", "PTE"), 5: ("PGD", "P4D", "PUD", "PMD", "PTE")}
PAGE_SIZES = {4096: "4 KiB", 2 << 20: "2 MiB", 1 << 30: "1 GiB"}


@dataclass(frozen=True)
class Split:
    """A virtual address taken apart.

    Attributes
    ----------
    address, page_size, levels : int
        Bytes; levels of page tables.
    indices : tuple of int
        The entry chosen in each table, from the root; one fewer for 2 MiB pages, two for 1 GiB.
    offset : int
        Of the byte in its page.
    """

    address: int
    page_size: int
    levels: int
    indices: tuple[int, ...]
    offset: int

    @property
    def names(self) -> tuple[str, ...]:
        """The tables' names, beside `indices`."""
        return LEVEL_NAMES[self.levels][: len(self.indices)]

    @property
    def bits(self) -> int:
        """How many bits of the address are translated: 48 or 57."""
        return 12 + 9 * self.levels

    @property
    def offset_bits(self) -> int:
        """12, 21 or 30."""
        return self.page_size.bit_length() - 1

    @property
    def reads(self) -> int:
        """Memory reads of a walk that starts at the root."""
        return len(self.indices)

    @property
    def page_name(self) -> str:
        """Such as ``"4 KiB"``."""
        return PAGE_SIZES[self.page_size]

    def table(self) -> list[dict[str, Any]]:
        """Return one row for each part of the address."""
        top = self.bits
        rows = []
        for name, index in zip(self.names, self.indices, strict=True):
            rows.append({"part": name, "bits": f"{top - 1}-{top - 9}", "value": index})
            top -= 9
        return [*rows, {"part": "offset", "bits": f"{top - 1}-0", "value": f"{self.offset:#x}"}]

    def __str__(self) -> str:
        parts = ", ".join(f"{name} {index}" for name, index in zip(self.names, self.indices, strict=True))
        return f"{self.address:#x}: {parts}, offset {self.offset:#x} in a {self.page_name} page"


def parse_address(text: str) -> int:
    """Return the number that `text` writes in hexadecimal, with or without 0x; blanks and underscores may divide it.

    Raises
    ------
    ValueError
        Anything else, or a number of more than 64 bits.
    """
    digits = re.sub(r"[\s_]", "", text) if isinstance(text, str) else ""
    if not re.fullmatch(r"(0[xX])?[0-9a-fA-F]{1,64}", digits) or int(digits, 16) >= 1 << 64:
        raise ValueError(f"address={text!r}: allowed are 1 to 16 hexadecimal digits, such as 0x7f1234567abc")
    return int(digits, 16)


def is_canonical(address: int, levels: int = 4) -> bool:
    """Whether all bits above the translated ones equal the highest of those: 63-48 equal 47, with LA57 63-57 equal 56."""
    above = address >> (11 + 9 * levels)
    return above == 0 or above == (1 << (53 - 9 * levels)) - 1


def split(address: int | str, page_size: int = 4096, levels: int = 4) -> Split:
    """Take a virtual address apart.

    Parameters
    ----------
    address : int or str
        0 to 2**64 - 1; a string is read by `parse_address`.
    page_size : {4096, 2097152, 1073741824}
        Bytes.
    levels : {4, 5}
        Of page tables; 5 is LA57.

    Raises
    ------
    ValueError
        Another page size or number of levels; an address that is not canonical.

    Notes
    -----
    Source: Documentation/arch/x86/x86_64/mm.rst of the kernel; Intel SDM volume 3A, 4.5.

    Examples
    --------
    >>> print(split(0x7f1234567abc))
    0x7f1234567abc: PGD 254, PUD 72, PMD 418, PTE 359, offset 0xabc in a 4 KiB page
    """
    address = check_address(address, page_size, levels)
    if not is_canonical(address, levels):
        top = 11 + 9 * levels
        raise ValueError(
            f"address={address:#x} is not canonical: allowed are addresses whose bits 63-{top + 1} equal bit {top}"
        )
    return cut(address, page_size, levels)


def check_address(address: int | str, page_size: int, levels: int) -> int:
    """Return an address as a number; refuse what `split` refuses, but not an address that is not canonical."""
    if isinstance(levels, bool) or levels not in LEVEL_NAMES:
        raise ValueError(f"levels={levels!r}: allowed are 4 and 5")
    one_of("page_size", page_size, PAGE_SIZES)
    return whole("address", parse_address(address) if isinstance(address, str) else address, 0, (1 << 64) - 1)


def cut(address: int, page_size: int, levels: int) -> Split:
    """Return the parts of an address that has been checked, canonical or not."""
    low = page_size.bit_length() - 1
    shifts = range(12 + 9 * (levels - 1), low - 1, -9)
    return Split(address, page_size, levels, tuple(address >> s & 511 for s in shifts), address & (page_size - 1))

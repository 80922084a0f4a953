"""Virtual addresses, read from text and taken apart: an index for each level of page tables, and an offset."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from oslab.base import Result, Several, checked, choice, integer, memory_size, shown

__all__ = ["ADDRESS", "LEVELS", "LEVEL_NAMES", "PAGE", "PAGE_SIZES", "Split", "is_canonical", "parse_address", "split"]

LEVEL_NAMES = {4: ("PGD", "PUD", "PMD", "PTE"), 5: ("PGD", "P4D", "PUD", "PMD", "PTE")}
PAGE_SIZES = {4096: "4 KiB", 2 << 20: "2 MiB", 1 << 30: "1 GiB"}
PAGE, LEVELS = choice(tuple(PAGE_SIZES)), choice(tuple(LEVEL_NAMES))
NUMBER = integer(0, (1 << 64) - 1)


@dataclass(frozen=True)
class Split(Result):
    """A virtual address divided into indices and offset.

    Attributes
    ----------
    address : int
    widths : tuple of int
        Bits of each index, from the root, and last of the offset.
    names : tuple of str
        The tables' names.
    indices : tuple of int
        The entry chosen in each table, from the root; one fewer for 2 MiB pages, two for 1 GiB.
    offset : int
        Of the byte in its page.
    """

    address: int
    widths: tuple[int, ...]
    names: tuple[str, ...]
    indices: tuple[int, ...]
    offset: int

    @property
    def page_size(self) -> int:
        """Bytes."""
        return 1 << self.widths[-1]

    @property
    def bits(self) -> int:
        """How many bits of the address are translated, the offset's included: 48 or 57 on x86-64."""
        return sum(self.widths)

    @property
    def reads(self) -> int:
        """Memory reads of a walk that starts at the root."""
        return len(self.indices)

    @property
    def page_name(self) -> str:
        """Such as ``"4 KiB"``."""
        return memory_size(self.page_size)

    def table_sizes(self, entry_size: int = 8) -> tuple[int, ...]:
        """Return the bytes of one table of each level, from the root, for entries of `entry_size` bytes (1 to 64)."""
        entry_size = integer(1, 64).check("entry_size", entry_size)
        return tuple(entry_size << width for width in self.widths[:-1])

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row for each part of the address."""
        top = self.bits
        parts = zip((*self.names, "offset"), self.widths, (*self.indices, f"{self.offset:#x}"), strict=True)
        for name, width, value in parts:
            yield {"part": name, "bits": f"{top - 1}-{top - width}", "value": value}
            top -= width

    def __str__(self) -> str:
        parts = "".join(f"{name} {index}, " for name, index in zip(self.names, self.indices, strict=True))
        return f"{self.address:#x}: {parts}offset {self.offset:#x} in a {self.page_name} page"


def parse_address(address: str | int) -> int:
    """Return the number in a hexadecimal text, with or without 0x; it may contain blanks and underscores.

    An int is the address itself, whatever it was written in.

    Raises
    ------
    TypeError, ValueError
        Anything else, or a number of more than 64 bits.
    """
    return ADDRESS.check("address", address)


class _Address:
    """The declaration of an address: a whole number, or a text in hexadecimal."""

    def check(self, name: str, value: Any) -> int:
        if not isinstance(value, str):
            return NUMBER.check(name, value)
        digits = re.sub(r"[\s_]", "", value) if len(value) < 100 else ""
        if not re.fullmatch(r"(0[xX])?[0-9a-fA-F]{1,64}", digits) or int(digits, 16) >= 1 << 64:
            raise ValueError(
                f"{name}={shown(value)}: allowed are 1 to 16 hexadecimal digits, such as 0x7f1234567abc "
                "(a decimal number is given as an int, not as a text)"
            )
        return int(digits, 16)


ADDRESS = _Address()


def is_canonical(address: int, levels: int = 4) -> bool:
    """Whether all bits above the translated ones equal the highest of those: 63-48 equal 47, with LA57 63-57 equal 56."""
    above = address >> (11 + 9 * levels)
    return above == 0 or above == (1 << (53 - 9 * levels)) - 1


@checked(address=ADDRESS, page_size=PAGE, levels=LEVELS, bits=Several(integer(1, 62), 2, 16, optional=True))
def split(address: int | str, page_size: int = 4096, levels: int = 4, bits: tuple[int, ...] | None = None) -> Split:
    """Divide a virtual address into indices and offset.

    Parameters
    ----------
    address : int or str
        0 to 2**64 - 1; a string is read by `parse_address`.
    page_size : {4096, 2097152, 1073741824}
        Bytes.
    levels : {4, 5}
        Of page tables; 5 is LA57.
    bits : tuple of int, optional
        Another machine's layout, instead of `page_size` and `levels`: bits of each index, from the root, and last of
        the offset, such as ``(10, 10, 12)``; at most 64 in all.

    Raises
    ------
    TypeError, ValueError
        Another page size or number of levels; an address that is not canonical, or has more bits than the layout.

    Notes
    -----
    Source: Documentation/arch/x86/x86_64/mm.rst of the kernel; Intel SDM volume 3A, 4.5.

    Examples
    --------
    >>> print(split(0x7f1234567abc))
    0x7f1234567abc: PGD 254, PUD 72, PMD 418, PTE 359, offset 0xabc in a 4 KiB page
    >>> print(split(0x00403004, bits=(10, 10, 12)))
    0x403004: level 1 1, level 2 3, offset 0x4 in a 4 KiB page
    """
    if bits is not None:
        if sum(bits) > 64 or address >> sum(bits):
            raise ValueError(f"address={address:#x}, bits={bits}: allowed are at most 64 bits, which hold the address")
        return cut(address, bits, tuple(f"level {k}" for k in range(1, len(bits))))
    if not is_canonical(address, levels):
        top = 11 + 9 * levels
        raise ValueError(
            f"address={address:#x} is not canonical: allowed are addresses whose bits 63-{top + 1} equal bit {top}"
        )
    return cut(address, *layout(page_size, levels))


def layout(page_size: int, levels: int) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Return the widths of indices and offset on x86-64, and the tables' names."""
    offset = page_size.bit_length() - 1
    tables = levels - (offset - 12) // 9
    return (9,) * tables + (offset,), LEVEL_NAMES[levels][:tables]


def cut(address: int, widths: tuple[int, ...], names: tuple[str, ...]) -> Split:
    """Return the parts of an address; bits above the layout's are left out."""
    parts, rest = [], address
    for width in reversed(widths):
        parts.append(rest & (1 << width) - 1)
        rest >>= width
    offset, *indices = parts
    return Split(address, tuple(widths), names, tuple(reversed(indices)), offset)

"""Slow, obvious twins: who shares a page, as sets; how many processes a program makes and what they print, by continuations."""


def share(pages, events):
    """Return (groups, copies, faults): each page's contents as a set of the processes that hold them together."""
    groups = [[{0}] for _ in range(pages)]
    protected = set()
    made, copies, faults = 1, 0, 0
    for kind, process, *page in events:
        if kind == "fork":
            for k, parts in enumerate(groups):
                for part in parts:
                    if process in part:
                        part.add(made)
                        protected |= {(process, k), (made, k)}
            made += 1
        elif kind == "write":
            parts = groups[page[0]]
            mine = next(p for p in parts if process in p)
            if (process, page[0]) in protected:
                faults += 1
                protected.discard((process, page[0]))
                if len(mine) > 1:
                    copies += 1
                    mine.discard(process)
                    parts.append({process})
        else:
            for parts in groups:
                for part in parts:
                    part.discard(process)
    return [[p for p in parts if p] for parts in groups], copies, faults


class Many(Exception):
    """More processes than are counted."""


def run(program, most=500):
    """Return what each process of a program prints: a list of (on a terminal, to a file).

    A program is nested lists: statements are ``"fork"``, ``"exit"``, ``["if", condition, then, else]``, ``["repeat", n,
    statements]``, ``["print", text]``, ``["add", name, n]``, ``["show", name]``; conditions ``"fork"``, ``["not", c]``,
    ``["and", c, d]``, ``["or", c, d]``, ``["less", name, n]``.  A process is a continuation and what it holds: variables,
    and text that it has not flushed; fork calls the continuation twice, the parent's texts stay behind.
    """
    ends = []

    def end(variables, texts):
        ends.append(tuple(written + pending for written, pending in texts))
        if len(ends) > most:
            raise Many

    def say(texts, text):
        (seen, half), (filed, whole) = texts
        half += text
        at = half.rfind("\n") + 1
        return (seen + half[:at], half[at:]), (filed, whole + text)

    def born(texts):
        return tuple(("", pending) for _, pending in texts)

    def go(statements, variables, texts, then):
        if not statements:
            return then(variables, texts)
        first, rest = statements[0], statements[1:]

        def on(v, t):
            return go(rest, v, t, then)

        if first == "exit":
            return end(variables, texts)
        kind = first if isinstance(first, str) else first[0]
        if kind == "print":
            return on(variables, say(texts, first[1]))
        if kind == "show":
            return on(variables, say(texts, f"{variables.get(first[1], 0)}\n"))
        if kind == "add":
            return on({**variables, first[1]: variables.get(first[1], 0) + first[2]}, texts)
        if kind == "repeat":
            return go([*first[2]] * first[1], variables, texts, on)
        if kind == "if":
            yes, no = (lambda v, t, part=part: go(part, v, t, on) for part in first[2:])
            return test(first[1], variables, texts, yes, no)
        return test(first, variables, texts, on, on)

    def test(condition, variables, texts, yes, no):
        if condition == "fork":
            no(variables, born(texts))
            return yes(variables, texts)
        kind, one, *two = condition
        if kind == "not":
            return test(one, variables, texts, no, yes)
        if kind == "less":
            return (yes if variables.get(one, 0) < two[0] else no)(variables, texts)

        def more(v, t):
            return test(two[0], v, t, yes, no)

        return test(one, variables, texts, *((more, no) if kind == "and" else (yes, more)))

    go(program, {}, (("", ""), ("", "")), end)
    return ends


def as_c(program):
    """Write such a program as C statements."""

    def condition(c):
        if c == "fork":
            return "fork()"
        kind, one, *two = c
        if kind == "not":
            return f"!({condition(one)})"
        if kind == "less":
            return f"{one} < {two[0]}"
        return f"({condition(one)} {'&&' if kind == 'and' else '||'} {condition(two[0])})"

    def lines(statements, depth):
        for s in statements:
            kind = s if isinstance(s, str) else s[0]
            if kind == "exit":
                yield "exit(0);"
            elif kind == "print":
                yield 'printf("{}");'.format(s[1].replace("\n", "\\n"))
            elif kind == "show":
                yield f'printf("%d\\n", {s[1]});'
            elif kind == "add":
                yield f"{s[1]} += {s[2]};"
            elif kind == "if":
                yield f"if ({condition(s[1])}) {{ {' '.join(lines(s[2], depth))} }} else {{ {' '.join(lines(s[3], depth))} }}"
            elif kind == "repeat":
                i = f"i{depth}"
                yield f"for (int {i} = 0; {i} < {s[1]}; {i}++) {{ {' '.join(lines(s[2], depth + 1))} }}"
            else:
                yield f"{condition(s)};"

    return "int x = 0; int y = 0; " + " ".join(lines(program, 0))

"""Slow, obvious twins: who shares a page, as sets; how many processes a program makes, by continuations."""


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


def count(program):
    """Count the processes of a program in nested lists; infinity for more than 500."""
    ends = [0]

    class Many(Exception):
        pass

    def end():
        ends[0] += 1
        if ends[0] > 500:
            raise Many
        return 1

    def run(statements, then):
        if not statements:
            return then()
        first, rest = statements[0], statements[1:]

        def on():
            return run(rest, then)

        if first == "exit":
            return end()
        if first == "fork" or first[0] in ("not", "and", "or"):
            return test(first, on, on)
        if first[0] == "repeat":
            return run([*first[2]] * first[1], on)
        return test(first[1], lambda: run(first[2], on), lambda: run(first[3], on))

    def test(condition, yes, no):
        if condition == "fork":
            return yes() + no()
        if condition[0] == "not":
            return test(condition[1], no, yes)
        if condition[0] == "and":
            return test(condition[1], lambda: test(condition[2], yes, no), no)
        return test(condition[1], yes, lambda: test(condition[2], yes, no))

    try:
        return run(program, end)
    except Many:
        return float("inf")

"""A slow, obvious twin of the inference server: a list of dictionaries, looked through at every event, in exact fractions."""

from fractions import Fraction as F


def serve(gaps, work, waits, threads, speed, closed):
    """Return (latency, end) of every request; `speed(k)` is how fast each of k works, as a fraction."""
    n = len(work)
    if closed:
        to_come = [(F(gaps[i]), i) for i in range(min(closed, n))]
    else:
        to_come, at = [], F(0)
        for i in range(n):
            at += F(gaps[i])
            to_come.append((at, i))
    next_client = len(to_come)
    queue, inside, now, found = [], [], F(0), {}
    while len(found) < n:
        working = [r for r in inside if r["phase"] == "work"]
        rate = speed(len(working)) if working else None
        times = [(now + r["todo"] / rate, 1, r["i"]) for r in working]
        times += [(r["until"], 2, r["i"]) for r in inside if r["phase"] == "wait"]
        times += [(at, 0, i) for at, i in to_come]
        then, kind, who = min(times)
        for r in working:
            r["todo"] -= (then - now) * rate
        now = then
        if kind == 0:
            to_come.remove((then, who))
            queue.append((who, now))
        else:
            request = next(r for r in inside if r["i"] == who)
            if kind == 1:
                request |= {"phase": "wait", "until": now + F(waits[who])}
            else:
                inside.remove(request)
                found[who] = (now - request["came"], now)
                if closed and next_client < n:
                    to_come.append((now + F(gaps[next_client]), next_client))
                    next_client += 1
        while queue and len(inside) < threads:
            i, came = queue.pop(0)
            inside.append({"i": i, "came": came, "phase": "work", "todo": F(work[i])})
    return [found[i] for i in range(n)]

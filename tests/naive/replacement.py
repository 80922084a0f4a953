"""Slow, obvious twins of the replacement policies: Python lists, searched from end to end.

Each takes a list of pages and the frames, and yields (hit, page that goes or None), a step a reference.
"""

import math

NAIVE = {}


def twin(function):
    NAIVE[function.__name__.rstrip("_")] = function
    return function


@twin
def fifo(trace, frames):
    queue = []
    for page in trace:
        hit, gone = page in queue, None
        if not hit:
            if len(queue) == frames:
                gone = queue.pop(0)
            queue.append(page)
        yield hit, gone


@twin
def lru(trace, frames):
    stack = []
    for page in trace:
        hit, gone = page in stack, None
        if hit:
            stack.remove(page)
        elif len(stack) == frames:
            gone = stack.pop(0)
        stack.append(page)
        yield hit, gone


@twin
def clock(trace, frames, reference_on_load=True):
    memory, bit, hand = [None] * frames, [False] * frames, 0
    for page in trace:
        gone = None
        if page in memory:
            bit[memory.index(page)] = True
            yield True, None
            continue
        if None in memory:
            frame = memory.index(None)
        else:
            while bit[hand]:
                bit[hand] = False
                hand = (hand + 1) % frames
            frame, gone = hand, memory[hand]
            hand = (hand + 1) % frames
        memory[frame], bit[frame] = page, reference_on_load
        yield False, gone


def second_chance(trace, frames, reference_on_load=True):
    """Clock told as a queue: a page at the front whose bit is set goes to the back instead, bit cleared."""
    queue = []
    for page in trace:
        gone = None
        found = [entry for entry in queue if entry[0] == page]
        if found:
            found[0][1] = True
        else:
            while len(queue) == frames and gone is None:
                front = queue.pop(0)
                if front[1]:
                    queue.append([front[0], False])
                else:
                    gone = front[0]
            queue.append([page, reference_on_load])
        yield bool(found), gone


@twin
def lfu(trace, frames, tie="lru"):
    uses, last, came = {}, {}, {}
    for time, page in enumerate(trace):
        hit, gone = page in uses, None
        if not hit and len(uses) == frames:
            gone = min(uses, key=lambda p: (uses[p], (last if tie == "lru" else came)[p]))
            del uses[gone]
        if not hit:
            came[page] = time
        uses[page] = uses.get(page, 0) + 1
        last[page] = time
        yield hit, gone


@twin
def random_(trace, frames, seed=0):
    memory, x = [], seed % (2**31 - 2) + 1
    for page in trace:
        hit, gone = page in memory, None
        if not hit and len(memory) < frames:
            memory.append(page)
        elif not hit:
            x = x * 48271 % (2**31 - 1)
            frame = x * frames // 2**31
            gone, memory[frame] = memory[frame], page
        yield hit, gone


@twin
def opt(trace, frames):
    memory, last = [], {}
    for time, page in enumerate(trace):
        hit, gone = page in memory, None
        if not hit:
            if len(memory) == frames:
                future = trace[time + 1 :]
                gone = max(memory, key=lambda p: (future.index(p) if p in future else math.inf, -last[p]))
                memory.remove(gone)
            memory.append(page)
        last[page] = time
        yield hit, gone


@twin
def twoq(trace, frames, a1in=0.25, a1out=0.5):
    most_in, most_out = max(1, int(frames * a1in)), max(1, int(frames * a1out))
    inside, outside, main = [], [], []
    for page in trace:
        gone = None
        if page in main:
            main.remove(page)
            main.append(page)
            yield True, None
            continue
        if page in inside:
            yield True, None
            continue
        known = page in outside
        if known:
            outside.remove(page)
        if len(inside) + len(main) == frames:
            if len(inside) > most_in or not main:
                gone = inside.pop(0)
                outside.append(gone)
                if len(outside) > most_out:
                    outside.pop(0)
            else:
                gone = main.pop(0)
        (main if known else inside).append(page)
        yield False, gone


@twin
def arc(trace, frames):
    t1, t2, b1, b2, p = [], [], [], [], 0.0

    def replace(page):
        if t1 and (len(t1) > p or (page in b2 and len(t1) == p)):
            b1.append(t1.pop(0))
            return b1[-1]
        b2.append(t2.pop(0))
        return b2[-1]

    for page in trace:
        gone = None
        if page in t1 or page in t2:
            (t1 if page in t1 else t2).remove(page)
            t2.append(page)
            yield True, None
            continue
        if page in b1:
            p = min(float(frames), p + max(len(b2) / len(b1), 1.0))
            gone = replace(page)
            b1.remove(page)
            t2.append(page)
        elif page in b2:
            p = max(0.0, p - max(len(b1) / len(b2), 1.0))
            gone = replace(page)
            b2.remove(page)
            t2.append(page)
        else:
            if len(t1) + len(b1) == frames:
                if len(t1) < frames:
                    b1.pop(0)
                    gone = replace(page)
                else:
                    gone = t1.pop(0)
            elif len(t1) + len(t2) + len(b1) + len(b2) >= frames:
                if len(t1) + len(t2) + len(b1) + len(b2) == 2 * frames:
                    b2.pop(0)
                gone = replace(page)
            t1.append(page)
        yield False, gone


@twin
def lirs(trace, frames, hir=0.01):
    most_lir = frames - max(1, int(frames * hir))
    stack, queue, lir = [], [], set()

    def to_top(page):
        if page in stack:
            stack.remove(page)
        stack.append(page)

    def prune():
        while stack and stack[0] not in lir:
            stack.pop(0)

    def promote(page):
        to_top(page)
        lir.add(page)
        prune()
        bottom = stack.pop(0)
        lir.remove(bottom)
        queue.append(bottom)
        prune()

    for page in trace:
        gone = None
        hit = page in lir or page in queue
        if page in lir:
            to_top(page)
            prune()
        elif page in queue:
            queue.remove(page)
            if page in stack:
                promote(page)
            else:
                to_top(page)
                queue.append(page)
        else:
            if len(lir) + len(queue) == frames:
                gone = queue.pop(0)
            if len(lir) < most_lir:
                to_top(page)
                lir.add(page)
            elif page in stack:
                promote(page)
            else:
                to_top(page)
                queue.append(page)
        yield hit, gone


@twin
def sieve(trace, frames):
    queue, visited, hand = [], set(), None
    for page in trace:
        hit, gone = page in queue, None
        if hit:
            visited.add(page)
        else:
            if len(queue) == frames:
                k = 0 if hand is None else queue.index(hand)
                while queue[k] in visited:
                    visited.remove(queue[k])
                    k = (k + 1) % len(queue)
                gone = queue.pop(k)
                hand = queue[k] if k < len(queue) else None
            queue.append(page)
        yield hit, gone


@twin
def s3fifo(trace, frames, small=0.1):
    share = max(1, int(frames * small))
    probation, main, ghost, uses = [], [], [], {}
    for page in trace:
        gone = None
        hit = page in uses
        if hit:
            uses[page] = min(uses[page] + 1, 3)
            yield True, None
            continue
        while len(uses) == frames:
            if len(probation) >= share or not main:
                front = probation.pop(0)
                if uses[front] > 1:
                    main.append(front)
                    uses[front] = 0
                else:
                    gone = front
                    ghost.append(front)
                    del uses[front]
                    if len(ghost) > frames - share:
                        ghost.pop(0)
            else:
                front = main.pop(0)
                if uses[front] > 0:
                    uses[front] -= 1
                    main.append(front)
                else:
                    gone = front
                    del uses[front]
        if page in ghost:
            ghost.remove(page)
            main.append(page)
        else:
            probation.append(page)
        uses[page] = 0
        yield False, gone


@twin
def two_list(trace, frames):
    gib = frames * 4096 // 2**30
    ratio = math.isqrt(10 * gib) if gib else 1
    inactive, active, shadow, age = [], [], {}, 0
    for page in trace:
        gone = None
        hit = page in inactive or page in active
        if page in inactive:
            inactive.remove(page)
            active.append(page)
            age += 1
        elif not hit:
            if len(inactive) + len(active) == frames:
                while len(inactive) * ratio < len(active):
                    inactive.append(active.pop(0))
                gone = inactive.pop(0)
                shadow[gone] = age
                age += 1
            if page in shadow and age - shadow[page] <= len(active):
                active.append(page)
                age += 1
            else:
                inactive.append(page)
        yield hit, gone


@twin
def mglru(trace, frames):
    oldest, youngest = 0, 1
    generation, young, order, clock = {}, set(), {}, 0
    for page in trace:
        gone = None
        hit = page in generation
        if hit:
            young.add(page)
            yield True, None
            continue
        while len(generation) == frames:
            while youngest - oldest > 1 and oldest not in generation.values():
                oldest += 1
            if youngest - oldest <= 1:
                youngest += 1
                for p in sorted(young, key=lambda p: (generation[p], order[p])):
                    generation[p], order[p] = youngest, clock
                    clock += 1
                young.clear()
                continue
            first = min((p for p in generation if generation[p] == oldest), key=order.__getitem__)
            if first in young:
                young.remove(first)
                generation[first], order[first] = youngest, clock
                clock += 1
            else:
                gone = first
                del generation[first]
        generation[page], order[page] = youngest, clock
        clock += 1
        yield False, gone


def stack_depths(trace):
    """Return LRU's stack depth of each reference, from 1; None at first uses."""
    stack, depths = [], []
    for page in trace:
        depths.append(len(stack) - stack.index(page) if page in stack else None)
        if page in stack:
            stack.remove(page)
        stack.append(page)
    return depths


def noting(trace, frames, writes, choose, look=lambda time, memory: None):
    """What the policies with R and M bits share; `choose` names the frame whose page goes, `look` is called each time."""
    memory = []
    for time, page in enumerate(trace):
        look(time, memory)
        entry, gone = next((e for e in memory if e["page"] == page), None), None
        hit = entry is not None
        if not hit:
            entry = {"page": page, "r": False, "m": False, "bits": "00000000", "noted": time}
            if len(memory) < frames:
                memory.append(entry)
            else:
                frame = choose(time, memory)
                gone, memory[frame] = memory[frame]["page"], entry
        entry["r"] = True
        entry["m"] = entry["m"] or bool(writes and writes[time])
        yield hit, gone


@twin
def clock_dirty(trace, frames, writes=None):
    hand = [0]

    def choose(time, memory):
        order = [(hand[0] + k) % frames for k in range(frames)]
        while True:
            for frame in order:
                if not memory[frame]["r"] and not memory[frame]["m"]:
                    hand[0] = frame + 1
                    return frame
            for frame in order:
                if not memory[frame]["r"] and memory[frame]["m"]:
                    hand[0] = frame + 1
                    return frame
                memory[frame]["r"] = False

    return noting(trace, frames, writes, choose)


@twin
def nru(trace, frames, writes=None, interval=4):
    def look(time, memory):
        for entry in memory if time % interval == 0 else ():
            entry["r"] = False

    def choose(time, memory):
        for kind in ((False, False), (False, True), (True, False), (True, True)):
            for frame, entry in enumerate(memory):
                if (entry["r"], entry["m"]) == kind:
                    return frame

    return noting(trace, frames, writes, choose, look)


@twin
def aging(trace, frames, writes=None, interval=4):
    def look(time, memory):
        for entry in memory if time % interval == 0 else ():
            entry["bits"] = "01"[entry["r"]] + entry["bits"][:-1]
            entry["r"] = False

    def choose(time, memory):
        return [entry["bits"] for entry in memory].index(min(entry["bits"] for entry in memory))

    return noting(trace, frames, writes, choose, look)


@twin
def wsclock(trace, frames, writes=None, tau=8, written=None):
    """`written` collects the times at which the hand wrote a page back."""
    hand = [0]

    def choose(time, memory):
        order = [(hand[0] + k) % frames for k in range(frames)]
        again = True
        while again:
            again = False
            for frame in order:
                entry = memory[frame]
                if entry["r"]:
                    entry["r"], entry["noted"] = False, time
                elif time - entry["noted"] > tau:
                    if not entry["m"]:
                        hand[0] = frame + 1
                        return frame
                    entry["m"], again = False, True
                    if written is not None:
                        written.append(time)
        clean = [frame for frame in order if not memory[frame]["m"]]
        frame = (clean or order)[0]
        if not clean and written is not None:
            written.append(time)
        hand[0] = frame + 1
        return frame

    return noting(trace, frames, writes, choose)

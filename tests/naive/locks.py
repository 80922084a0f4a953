"""Tasks with locks, a millisecond at a time, with sets and plain scans; programs are nested as in `LockTask`."""


def steps_of(program):
    """A program as a flat list of words: "run", ("take", lock), ("give", lock); "run" is one millisecond."""
    words = []
    for part in program if isinstance(program, list) else [program]:
        if isinstance(part, tuple):
            words += [("take", part[0]), *steps_of(part[1]), ("give", part[0])]
        else:
            words += ["run"] * part
    return words


def run(tasks, protocol):
    """Return who has each millisecond (None: idle) and when each task is done (None: never).

    `tasks` are (arrival, priority, program) in whole milliseconds.
    """
    words = [steps_of(program) for _, _, program in tasks]
    users = {}
    for k, one in enumerate(words):
        for word in one:
            if word[0] == "take":
                users.setdefault(word[1], set()).add(k)
    owner, wants, done = {}, {}, [None] * len(tasks)
    queue, line, before = [], [], None  # queue: who became ready first

    def level(task):
        """The priority in force: that of every task which this one holds up, directly or through others."""
        levels, look, seen = {tasks[task][1]}, [task], set()
        while look:
            one = look.pop()
            if one in seen:
                continue
            seen.add(one)
            for lock in [lock for lock, who in owner.items() if who == one]:
                if protocol == "ceiling":
                    levels |= {tasks[user][1] for user in users[lock]}
                if protocol == "inheritance":
                    held_up = [k for k in wants if wants[k] == lock]
                    levels |= {tasks[k][1] for k in held_up}
                    look += held_up
            if protocol != "inheritance":
                break
        return min(levels)

    now = 0
    while True:
        queue += [k for k, task in enumerate(tasks) if task[0] == now]
        while queue:  # until the one that has the CPU runs
            first = min(level(k) for k in queue)
            best = before if before in queue and level(before) == first else next(k for k in queue if level(k) == first)
            before = best
            if words[best][0] == "run":
                break
            lock = words[best][0][1]
            if lock in owner:
                wants[best] = lock
                queue.remove(best)
            else:
                owner[lock] = words[best].pop(0) and best
        line.append(before if queue else None)
        if not queue:
            if all(task[0] <= now for task in tasks):
                return line[:-1], done
            now += 1
            continue
        now += 1
        words[best].pop(0)
        while words[best] and words[best][0][0] == "give":
            lock = words[best].pop(0)[1]
            del owner[lock]
            waiting = [k for k in wants if wants[k] == lock]
            if waiting:
                heir = min(waiting, key=level)
                del wants[heir]
                owner[lock] = words[heir].pop(0) and heir
                queue.append(heir)
        if not words[best]:
            done[best] = now
            queue.remove(best)

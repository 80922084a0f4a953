"""Every schedule of thread programs, one by one, from what the steps say: dictionaries, no states remembered."""

from collections import Counter

from oslab.synchronization.atomic_steps import Step

COMPARE = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


class World:
    """All that threads can see, and where each of them is."""

    def __init__(self, threads, shared, semaphores=()):
        self.threads = [
            [s for step in t for s in ((step, Step("wake", step.args[1:], "")) if step.op == "wait" else (step,))]
            for t in threads
        ]
        self.at, self.shared, self.semaphores = [0] * len(threads), dict(shared), dict(semaphores)
        self.registers, self.owner = [Counter() for _ in threads], {}
        self.asleep, self.inside, self.failed = {}, {}, None
        for t in range(len(threads)):
            self.settle(t)

    def copy(self):
        new = object.__new__(World)
        new.threads, new.failed, new.at = self.threads, self.failed, list(self.at)
        new.registers = [Counter(r) for r in self.registers]
        for name in ("shared", "semaphores", "owner", "asleep", "inside"):
            setattr(new, name, dict(getattr(self, name)))
        return new

    def settle(self, t):
        """Go over labels and jumps, which take no step."""
        while self.at[t] < len(self.threads[t]) and self.threads[t][self.at[t]].op in ("label", "jump"):
            step = self.threads[t][self.at[t]]
            self.at[t] = self.at[t] + 1 if step.op == "label" else self.find(t, step.args[0])

    def find(self, t, name):
        return next(k for k, s in enumerate(self.threads[t]) if s.op == "label" and s.args[0] == name)

    def read(self, t, x):
        return x if isinstance(x, int) else self.shared[x] if x in self.shared else self.registers[t][x]

    def done(self, t):
        return self.at[t] >= len(self.threads[t])

    def after(self, t):
        """Return the worlds that thread `t` can step to."""
        if self.failed or t in self.asleep or self.done(t):
            return []
        step = self.threads[t][self.at[t]]
        if step.op == "signal":
            sleepers = sorted(u for u, c in self.asleep.items() if c == step.args[0])
            worlds = []
            for u in sleepers or [None]:
                new = self.copy()
                new.asleep.pop(u, None)
                worlds.append(new)
        elif step.op in ("lock", "wake") and any(name in self.owner for name in step.args):
            return []
        elif step.op == "down" and not self.semaphores[step.args[0]]:
            return []
        else:
            worlds = [self.copy()]
        for new in worlds:
            new.at[t] += 1
            new.act(t, step)
            new.settle(t)
        return worlds

    def act(self, t, step):
        op, args = step.op, step.args
        if op == "load":
            self.registers[t][args[0]] = self.shared[args[1]]
        elif op == "store":
            self.shared[args[0]] = self.read(t, args[1])
        elif op == "add":
            (self.shared if args[0] in self.shared else self.registers[t])[args[0]] += self.read(t, args[1])
        elif op in ("lock", "wake"):
            self.owner.update(dict.fromkeys(args, t))
        elif op in ("unlock", "wait"):
            mine = args if op == "unlock" else args[1:]
            if any(self.owner.get(name) != t for name in mine):
                self.failed = op
                return
            for name in mine:
                del self.owner[name]
            if op == "wait":
                self.asleep[t] = args[0]
        elif op == "trylock":
            if args[0] in self.owner:
                self.at[t] = self.find(t, args[1])
            else:
                self.owner[args[0]] = t
        elif op in ("down", "up"):
            self.semaphores[args[0]] += 1 if op == "up" else -1
        elif op == "broadcast":
            self.asleep = {u: c for u, c in self.asleep.items() if c != args[0]}
        elif op == "branch":
            if COMPARE[args[1]](self.read(t, args[0]), self.read(t, args[2])):
                self.at[t] = self.find(t, args[3])
        elif op == "expect":
            if not COMPARE[args[1]](self.read(t, args[0]), self.read(t, args[2])):
                self.failed = op
        elif op == "enter":
            if self.inside.get(args[0], 0):
                self.failed = op
            self.inside[args[0]] = self.inside.get(args[0], 0) + 1
        elif op == "leave":
            if not self.inside.get(args[0], 0):
                self.failed = op
                return
            self.inside[args[0]] -= 1


def enumerate_schedules(threads, shared, semaphores=(), most=200_000):
    """Return outcomes with their schedules, deadlocked and failed schedules, and the fewest steps to each kind of end.

    Raises
    ------
    OverflowError
        More than `most` schedules.
    """
    outcomes, ends, nearest = Counter(), Counter(), {}
    stack, seen = [(World(threads, shared, semaphores), 0)], 0
    while stack:
        world, steps = stack.pop()
        following = [new for t in range(len(threads)) for new in world.after(t)]
        if not following:
            seen += 1
            if seen > most:
                raise OverflowError(f"more than {most} schedules")
            kind = "failed" if world.failed else "done" if all(map(world.done, range(len(threads)))) else "deadlock"
            ends[kind] += 1
            nearest[kind] = min(steps, nearest.get(kind, steps))
            if kind == "done":
                outcomes[tuple(world.shared.values())] += 1
        stack.extend((new, steps + 1) for new in following)
    return dict(outcomes), ends, nearest


def find_livelocks(threads, shared, semaphores=()):
    """Return the fewest steps to a state from which no end can be reached, or None: sets of states, grown backwards."""
    start = World(threads, shared, semaphores)
    names = ("at", "shared", "semaphores", "owner", "asleep", "inside", "failed", "registers")
    key = {}

    def known(world):
        return repr([sorted(x.items()) if isinstance(x, dict) else x for x in (getattr(world, n) for n in names)])

    layers, after = [[start]], {}
    key[known(start)] = 0
    while layers[-1]:
        layer = []
        for world in layers[-1]:
            following = [new for t in range(len(threads)) for new in world.after(t)]
            after[known(world)] = [known(new) for new in following]
            for new in following:
                if known(new) not in key:
                    key[known(new)] = len(layers)
                    layer.append(new)
        layers.append(layer)
    fine, grown = {k for k, following in after.items() if not following}, True
    while grown:
        more = {k for k, following in after.items() if k not in fine and any(f in fine for f in following)}
        fine, grown = fine | more, bool(more)
    return min((steps for k, steps in key.items() if k not in fine), default=None)

"""A slow, obvious twin of the rings: four Python lists, no indices; those are counted from what has happened."""


class Rings:
    """Requests go from `written` to `shown` to the kernel; completions wait in `ready`, then in `aside`."""

    def __init__(self, size, cq_size):
        self.size, self.cq_size = size, cq_size
        self.written, self.shown, self.flying, self.ready, self.aside = [], [], [], [], []
        self.ever_shown = self.ever_taken = self.ever_ready = self.ever_reaped = 0

    def push(self, name, takes):
        if len(self.written) + len(self.shown) >= self.size:
            return False
        self.written.append((name, takes))
        return True

    def submit(self):
        count, crowded = len(self.written), bool(self.aside)
        self.ever_shown += count
        self.shown, self.written = self.shown + self.written, []
        for name, takes in self.shown:
            self.ever_taken += 1
            if takes == "later":
                self.flying.append(name)
            else:
                self.complete(name, {"now": 0, "bad": -9}[takes])
        self.shown = []
        if crowded:
            self.flush()
        return count

    def complete(self, name, result):
        if self.aside or len(self.ready) == self.cq_size:
            self.aside.append((name, result))
        else:
            self.ready.append((name, result))
            self.ever_ready += 1

    def finish(self, name):
        self.flying.remove(name)
        self.complete(name, 1)

    def flush(self):
        while self.aside and len(self.ready) < self.cq_size:
            self.ready.append(self.aside.pop(0))
            self.ever_ready += 1

    def reap(self):
        if not self.ready:
            self.flush()
        if not self.ready:
            return None
        self.ever_reaped += 1
        return self.ready.pop(0)

    def indices(self, start=0):
        counts = (self.ever_taken, self.ever_shown, self.ever_reaped, self.ever_ready)
        return tuple((start + n) % 2**32 for n in counts)

"""A group under a quota, tick by tick: no events, only "what does each CPU do in the next tick?"."""


def run(quota, period, threads, cpus, slice_, periods, every=0, piece=0, kept=0, slack=0, near=0):
    """Return what each CPU does in each tick: 'r', 's' (throttled) or '.', and when each request ended; all in ticks."""
    pool, local, stalled = 0, [0] * cpus, [False] * cpus
    queues = [[[None, None]] if not every and cpu < threads else [] for cpu in range(cpus)]
    left, ended, story, timer = {}, {}, [[] for _ in range(cpus)], None

    def look(cpu, now):
        nonlocal pool, timer
        if stalled[cpu]:
            return
        if not queues[cpu]:
            if local[cpu] > kept:
                pool, local[cpu] = pool + local[cpu] - kept, kept
                if pool > slice_ and any(stalled) and timer is None and period - now % period > near and now % period:
                    timer = now + slack
            return
        if local[cpu] == 0:
            local[cpu] = min(slice_, pool)
            pool -= local[cpu]
            stalled[cpu] = local[cpu] == 0

    for now in range(period * periods):
        if now % period == 0:
            pool = quota
            stalled[:] = [False] * cpus
        if every and now % every == 0:
            left[now // every] = threads
            for thread in range(threads):
                queues[thread % cpus].append([now // every, piece])
        for cpu in range(cpus):
            look(cpu, now)
        if timer is not None and now >= timer:
            timer = None
            if pool > slice_:
                for cpu in [c for c in range(cpus) if stalled[c]][: -(-pool // slice_)]:
                    stalled[cpu] = False
            for cpu in range(cpus):
                look(cpu, now)
        for cpu in range(cpus):
            if queues[cpu] and not stalled[cpu]:
                story[cpu].append("r")
                local[cpu] -= 1
                work = queues[cpu][0]
                if every:
                    work[1] -= 1
                    if work[1] == 0:
                        queues[cpu].pop(0)
                        left[work[0]] -= 1
                        if left[work[0]] == 0:
                            ended[work[0]] = now + 1
            else:
                story[cpu].append("s" if stalled[cpu] else ".")
    return ["".join(line) for line in story], ended

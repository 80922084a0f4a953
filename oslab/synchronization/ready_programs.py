"""Classical programs for the checker, in the language of `thread_language`: what textbooks set, ready to be changed."""

__all__ = ["READY"]

# By name; the sources are those of the problems.
READY = {
    "lost update": """x = 0

def A():
    x += 1

def B():
    x += 1
""",
    "two flags, no turn": """want_a = 0
want_b = 0

def A():
    want_a = 1
    while want_b == 1: pass
    with critical: pass
    want_a = 0

def B():
    want_b = 1
    while want_a == 1: pass
    with critical: pass
    want_b = 0
""",
    # Peterson, Myths about the mutual exclusion problem, 1981.
    "Peterson": """want_a = 0
want_b = 0
turn = 0

def A():
    want_a = 1
    turn = 1
    while want_b == 1 and turn == 1: pass
    with critical: pass
    want_a = 0

def B():
    want_b = 1
    turn = 0
    while want_a == 1 and turn == 0: pass
    with critical: pass
    want_b = 0
""",
    # Dijkstra, Cooperating sequential processes, 1965.
    "bounded buffer": """count = 0
free = semaphore(2)
full = semaphore(0)
mutex = semaphore(1)

def P():
    for i in range(3):
        down(free)
        down(mutex)
        count += 1
        assert count <= 2
        up(mutex)
        up(full)

def C():
    for i in range(3):
        down(full)
        down(mutex)
        count -= 1
        assert count >= 0
        up(mutex)
        up(free)
""",
    # Courtois, Heymans, Parnas, Concurrent control with readers and writers, 1971: problem 1.
    "readers and writers: readers first": """readers = 0
writing = 0
mutex = semaphore(1)
data = semaphore(1)

def R():
    down(mutex)
    readers += 1
    if readers == 1: down(data)
    up(mutex)
    assert writing == 0
    down(mutex)
    readers -= 1
    if readers == 0: up(data)
    up(mutex)

def S():
    down(mutex)
    readers += 1
    if readers == 1: down(data)
    up(mutex)
    assert writing == 0
    down(mutex)
    readers -= 1
    if readers == 0: up(data)
    up(mutex)

def W():
    down(data)
    writing = 1
    assert readers <= 1
    writing = 0
    up(data)
""",
    # The same, problem 2.
    "readers and writers: writers first": """readers = 0
writers = 0
writing = 0
m1 = semaphore(1)
m2 = semaphore(1)
m3 = semaphore(1)
read = semaphore(1)
data = semaphore(1)

def R():
    down(m3)
    down(read)
    down(m1)
    readers += 1
    if readers == 1: down(data)
    up(m1)
    up(read)
    up(m3)
    assert writing == 0
    down(m1)
    readers -= 1
    if readers == 0: up(data)
    up(m1)

def W():
    down(m2)
    writers += 1
    if writers == 1: down(read)
    up(m2)
    down(data)
    writing = 1
    with critical: pass
    writing = 0
    up(data)
    down(m2)
    writers -= 1
    if writers == 0: up(read)
    up(m2)

def V():
    down(m2)
    writers += 1
    if writers == 1: down(read)
    up(m2)
    down(data)
    writing = 1
    with critical: pass
    writing = 0
    up(data)
    down(m2)
    writers -= 1
    if writers == 0: up(read)
    up(m2)
""",
    # Downey, The little book of semaphores, section 4.2.5: a turnstile, so that nobody waits for ever.
    "readers and writers: in turn": """readers = 0
writing = 0
mutex = semaphore(1)
data = semaphore(1)
turnstile = semaphore(1)

def R():
    down(turnstile)
    up(turnstile)
    down(mutex)
    readers += 1
    if readers == 1: down(data)
    up(mutex)
    assert writing == 0
    down(mutex)
    readers -= 1
    if readers == 0: up(data)
    up(mutex)

def S():
    down(turnstile)
    up(turnstile)
    down(mutex)
    readers += 1
    if readers == 1: down(data)
    up(mutex)
    assert writing == 0
    down(mutex)
    readers -= 1
    if readers == 0: up(data)
    up(mutex)

def W():
    down(turnstile)
    down(data)
    writing = 1
    with critical: pass
    writing = 0
    up(turnstile)
    up(data)
""",
    # Dijkstra, Hierarchical ordering of sequential processes, 1971: one philosopher fewer in the room than forks.
    "dining room": """f0 = semaphore(1)
f1 = semaphore(1)
f2 = semaphore(1)
room = semaphore(2)

def A():
    down(room)
    down(f0)
    down(f1)
    up(f0)
    up(f1)
    up(room)

def B():
    down(room)
    down(f1)
    down(f2)
    up(f1)
    up(f2)
    up(room)

def C():
    down(room)
    down(f2)
    down(f0)
    up(f2)
    up(f0)
    up(room)
""",
    # Downey, section 3.6: nobody goes on before all have come.
    "barrier": """came = 0
mutex = semaphore(1)
gate = semaphore(0)

def A():
    down(mutex)
    came += 1
    if came == 3: up(gate)
    up(mutex)
    down(gate)
    up(gate)
    assert came == 3

def B():
    down(mutex)
    came += 1
    if came == 3: up(gate)
    up(mutex)
    down(gate)
    up(gate)
    assert came == 3

def C():
    down(mutex)
    came += 1
    if came == 3: up(gate)
    up(mutex)
    down(gate)
    up(gate)
    assert came == 3
""",
    # Dijkstra 1965; one chair, two customers, of whom one may find no chair and leave.
    "sleeping barber": """waiting = 0
cut = 0
left = 0
closed = 0
customers = semaphore(0)
barber = semaphore(0)
mutex = semaphore(1)

def B():
    while True:
        down(customers)
        down(mutex)
        if waiting == 0:
            up(mutex)
            break
        waiting -= 1
        up(barber)
        up(mutex)
        cut += 1

def C():
    down(mutex)
    if waiting < 1:
        waiting += 1
        up(customers)
        up(mutex)
        down(barber)
    else:
        left += 1
        up(mutex)
    down(mutex)
    closed += 1
    if closed == 2: up(customers)
    up(mutex)

def D():
    down(mutex)
    if waiting < 1:
        waiting += 1
        up(customers)
        up(mutex)
        down(barber)
    else:
        left += 1
        up(mutex)
    down(mutex)
    closed += 1
    if closed == 2: up(customers)
    up(mutex)
""",
}

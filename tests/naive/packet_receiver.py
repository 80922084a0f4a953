"""A slow, obvious twin of the receiver: the clock goes tick by tick, and the CPU does one tick of something or nothing."""


def receive(arrivals, costs, limits, polls, count, delay, horizon):
    interrupt, packet, application = costs
    coming = list(enumerate(arrivals))
    ring, socket, done = [], [], {}
    interrupts = in_kernel = in_application = dropped = wasted = 0
    service, batch, left = 0, [], 0  # ticks left of the kernel's work, what it is for; ticks left of the application's
    polling, turn = False, 0
    clock = 0
    while clock < horizon or service:
        while coming and coming[0][1] <= clock:
            name, when = coming.pop(0)
            if len(ring) < limits[0]:
                ring.append((name, when))
            else:
                dropped += 1
        if service == 0:
            if polling and not ring:
                polling = False
            due = polling and (turn == 0 or not socket)
            if not polling and ring:
                due = polls or len(ring) >= count or clock - ring[0][1] >= delay
            if due:
                batch, ring = ring[:count], ring[count:]
                service = packet * len(batch)
                if not polling:
                    interrupts, service = interrupts + 1, service + interrupt
        clock += 1
        if service:
            service, in_kernel = service - 1, in_kernel + (clock <= horizon)
            if service == 0:
                for name, _ in batch:
                    if len(socket) < limits[1]:
                        socket.append(name)
                    else:
                        wasted += 1
                if polls:
                    polling, turn = True, packet * len(batch)
        elif socket:
            left = (left or application) - 1
            in_application += 1
            turn -= polling
            if left == 0:
                done[socket.pop(0)] = clock
    return (interrupts, in_kernel, in_application, dropped, wasted), [
        done.get(name, -1) for name in range(len(arrivals))
    ]

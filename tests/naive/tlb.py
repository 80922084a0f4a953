"""A slow, obvious twin of the TLB: sets are Python lists of tags, the one used last at the end."""


class Cache:
    """Places by set; a tag is looked for from end to end."""

    def __init__(self, sets, ways):
        self.sets, self.ways = [[] for _ in range(sets)], ways

    def use(self, number, tag):
        places = self.sets[number % len(self.sets)]
        known = tag in places
        if known:
            places.remove(tag)
        places.append(tag)
        if len(places) > self.ways:
            del places[0]
        return known

    def empty(self):
        for places in self.sets:
            places.clear()


def tlb(
    addresses, entries, ways, page_size=4096, l2_entries=0, l2_ways=None, spaces=None, pcid=True, walk_cache=0, levels=4
):
    """Yield for each access the level that knew its page (0: none), and the reads of its walk."""
    n = len(addresses)
    sizes = page_size if isinstance(page_size, list) else [page_size] * n
    spaces = spaces or [0] * n
    caches = [Cache(entries // ways, ways)]
    if l2_entries:
        caches.append(Cache(l2_entries // (l2_ways or l2_entries), l2_ways or l2_entries))
    # What one entry of each table covers, from the root: 512 GiB, 1 GiB, 2 MiB with four levels.
    spans = [4096 * 512**k for k in range(levels - 1, 0, -1)]
    upper = {span: Cache(1, walk_cache) for span in spans} if walk_cache else {}
    before = spaces[0]
    for address, size, space in zip(addresses, sizes, spaces, strict=True):
        if space != before and not pcid:
            for cache in (*caches, *upper.values()):
                cache.empty()
        before = space
        page = address // size
        level = 0
        for number, cache in enumerate(caches, 1):
            if cache.use(page, (space, size, page)):
                level = number
                break
        reads = 0
        if level == 0:
            reads = 1
            for span in sorted(span for span in spans if span > size):
                if upper and upper[span].use(0, (space, address // span)):
                    break
                reads += 1
        yield level, reads

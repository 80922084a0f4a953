/* The loops of fifo, lru and clock with the outputs of simulate: what the kernels are held against. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static int64_t fifo(const uint32_t *dense, int64_t n, int64_t distinct, int64_t frames,
                    const int64_t *pages, bool *hit, int64_t *evicted) {
    uint8_t *resident = calloc(distinct, 1);
    uint32_t *ring = calloc(frames, sizeof *ring);
    int64_t used = 0, oldest = 0, faults = 0;
    for (int64_t i = 0; i < n; i++) {
        uint32_t page = dense[i];
        if (resident[page]) continue;
        faults++;
        if (used < frames) {
            ring[used++] = page;
        } else {
            uint32_t victim = ring[oldest];
            resident[victim] = 0;
            ring[oldest] = page;
            if (++oldest == frames) oldest = 0;
            evicted[i] = pages[victim];
        }
        resident[page] = 1;
        hit[i] = false;
    }
    free(resident);
    free(ring);
    return faults;
}

static int64_t lru(const uint32_t *dense, int64_t n, int64_t distinct, int64_t frames,
                   const int64_t *pages, bool *hit, int64_t *evicted) {
    int32_t *last_use = malloc(distinct * sizeof *last_use);
    memset(last_use, 0xFF, distinct * sizeof *last_use);
    int64_t used = 0, tail = 0, faults = 0;
    for (int64_t i = 0; i < n; i++) {
        uint32_t page = dense[i];
        int32_t before = last_use[page];
        last_use[page] = (int32_t)i;
        if (before >= tail) continue;
        faults++;
        if (used < frames) {
            used++;
        } else {
            while (last_use[dense[tail]] != tail) tail++;
            evicted[i] = pages[dense[tail++]];
        }
        hit[i] = false;
    }
    free(last_use);
    return faults;
}

/* The textbook's LRU: a doubly linked list, most recent at the sentinel's right. */
static int64_t lru_list(const uint32_t *dense, int64_t n, int64_t distinct, int64_t frames,
                        const int64_t *pages, bool *hit, int64_t *evicted) {
    struct link { uint32_t older, newer; } *link = malloc((distinct + 1) * sizeof *link);
    const uint32_t head = (uint32_t)distinct, none = head + 1;
    for (int64_t k = 0; k < distinct; k++) link[k].older = none;
    link[head].older = link[head].newer = head;
    int64_t used = 0, faults = 0;
    for (int64_t i = 0; i < n; i++) {
        uint32_t page = dense[i], older = link[page].older;
        if (older != none) {
            uint32_t newer = link[page].newer;
            if (newer == head) continue;
            link[older].newer = newer;
            link[newer].older = older;
        } else {
            faults++;
            if (used < frames) {
                used++;
            } else {
                uint32_t victim = link[head].newer, next = link[victim].newer;
                link[head].newer = next;
                link[next].older = head;
                link[victim].older = none;
                evicted[i] = pages[victim];
            }
            hit[i] = false;
        }
        older = link[head].older;
        link[page].older = older;
        link[page].newer = head;
        link[older].newer = page;
        link[head].older = page;
    }
    free(link);
    return faults;
}

static int64_t clock_(const uint32_t *dense, int64_t n, int64_t distinct, int64_t frames,
                      const int64_t *pages, bool *hit, int64_t *evicted) {
    enum { ABSENT, CLEAR, SET };
    uint8_t *bit = calloc(distinct, 1);
    uint32_t *ring = calloc(frames, sizeof *ring);
    int64_t used = 0, hand = 0, faults = 0;
    for (int64_t i = 0; i < n; i++) {
        uint32_t page = dense[i];
        if (bit[page]) {
            bit[page] = SET;
            continue;
        }
        faults++;
        if (used < frames) {
            ring[used++] = page;
        } else {
            while (bit[ring[hand]] == SET) {
                bit[ring[hand]] = CLEAR;
                if (++hand == frames) hand = 0;
            }
            uint32_t victim = ring[hand];
            bit[victim] = ABSENT;
            ring[hand] = page;
            if (++hand == frames) hand = 0;
            evicted[i] = pages[victim];
        }
        bit[page] = SET;
        hit[i] = false;
    }
    free(bit);
    free(ring);
    return faults;
}

/* As simulate does: the outputs are allocated and filled here, handed over, and freed by the caller. */
int64_t run(int policy, const uint32_t *dense, int64_t n, int64_t distinct, int64_t frames,
            const int64_t *pages, bool **hit, int64_t **evicted) {
    static int64_t (*const loops[])(const uint32_t *, int64_t, int64_t, int64_t, const int64_t *, bool *,
                                    int64_t *) = {fifo, lru, clock_, lru_list};
    *hit = malloc(n);
    *evicted = malloc(n * sizeof **evicted);
    memset(*hit, 1, n);
    memset(*evicted, 0xFF, n * sizeof **evicted);
    return loops[policy](dense, n, distinct, frames, pages, *hit, *evicted);
}

void release(bool *hit, int64_t *evicted) {
    free(hit);
    free(evicted);
}

/* Renumber by open addressing with linear probing; the table holds at least twice the pages. */
int64_t renumber(const int64_t *numbers, int64_t n, int64_t *pages, uint32_t *dense, int64_t size) {
    uint32_t *table = malloc(size * sizeof *table);
    memset(table, 0xFF, size * sizeof *table);
    int64_t found = 0, mask = size - 1;
    for (int64_t i = 0; i < n; i++) {
        uint64_t page = (uint64_t)numbers[i];
        int64_t slot = (int64_t)(((page ^ page >> 29) * 0x1E3779B97F4A7C15u) >> 24) & mask;
        while (table[slot] != UINT32_MAX && pages[table[slot]] != numbers[i]) slot = (slot + 1) & mask;
        if (table[slot] == UINT32_MAX) {
            pages[found] = numbers[i];
            table[slot] = (uint32_t)found++;
        }
        dense[i] = table[slot];
    }
    free(table);
    return found;
}

/* A set-associative TLB with LRU: each set an array of tags, the one used last in front. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int64_t run(const int64_t *address, int64_t n, int64_t shift, int64_t sets, int64_t ways, uint8_t *hit)
{
    int64_t *tags = malloc(sizeof *tags * sets * ways), misses = 0;
    for (int64_t k = 0; k < sets * ways; k++)
        tags[k] = -1;
    for (int64_t i = 0; i < n; i++) {
        int64_t page = address[i] >> shift, *set = tags + (page % sets) * ways, k = 0;
        while (k < ways && set[k] != page)
            k++;
        hit[i] = k < ways;
        if (k == ways) {
            misses++;
            k--;
        }
        memmove(set + 1, set, sizeof *set * k);
        set[0] = page;
    }
    free(tags);
    return misses;
}

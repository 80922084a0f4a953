// Random reads of 4 KiB from a file: by threads that block, and by io_uring, without and with
// registered buffers and file.
// System calls only.  Arguments: depth (requests under way), reads, "cached" or "direct".
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/io_uring.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096, PAGES = 4096, MOST = 24 };
static int file, depth, reads;
static long calls;
static char *buffers;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

// Scattered, and the same for all ways.
static off_t place(unsigned k) { return (off_t)(k * 2654435761u % PAGES) * PAGE; }

static void *blocking(void *which) {
    long me = (long)which, done = 0;
    for (int k = me; k < reads; k += depth, done++)
        if (pread(file, buffers + me * PAGE, PAGE, place(k)) != PAGE) exit(2);
    __atomic_add_fetch(&calls, done, __ATOMIC_RELAXED);
    return NULL;
}

static void by_threads(void) {
    pthread_t threads[MOST];
    for (long k = 0; k < depth; k++)
        if (pthread_create(&threads[k], NULL, blocking, (void *)k)) exit(3);
    for (int k = 0; k < depth; k++) pthread_join(threads[k], NULL);
}

static int ring;
static unsigned *sq_tail, *sq_mask, *sq_array, *cq_head, *cq_tail, *cq_mask;
static struct io_uring_sqe *sqes;
static struct io_uring_cqe *cqes;

static int set_up(void) { // one memory for both rings (Linux 5.4 or later), one for the requests
    struct io_uring_params p = {0};
    ring = syscall(SYS_io_uring_setup, depth, &p);
    if (ring < 0) return 0;
    size_t size = p.sq_off.array + p.sq_entries * 4, other = p.sq_entries * sizeof *sqes;
    int both = PROT_READ | PROT_WRITE;
    char *m = mmap(NULL, size, both, MAP_SHARED, ring, IORING_OFF_SQ_RING);
    sqes = mmap(NULL, other, both, MAP_SHARED, ring, IORING_OFF_SQES);
    if (m == MAP_FAILED || sqes == MAP_FAILED) return 0;
    sq_tail = (void *)(m + p.sq_off.tail), sq_mask = (void *)(m + p.sq_off.ring_mask);
    cq_head = (void *)(m + p.cq_off.head), cq_mask = (void *)(m + p.cq_off.ring_mask);
    cq_tail = (void *)(m + p.cq_off.tail), sq_array = (void *)(m + p.sq_off.array);
    cqes = (void *)(m + p.cq_off.cqes);
    return 1;
}

static void by_ring(int registered) {
    for (int k = 0; k < reads;) {
        int batch = reads - k < depth ? reads - k : depth;
        unsigned tail = *sq_tail;
        for (int b = 0; b < batch; b++, k++) { // write the requests …
            struct io_uring_sqe *s = &sqes[(tail + b) & *sq_mask];
            memset(s, 0, sizeof *s);
            s->opcode = registered ? IORING_OP_READ_FIXED : IORING_OP_READ;
            s->flags = registered ? IOSQE_FIXED_FILE : 0;
            s->fd = registered ? 0 : file;
            s->addr = (unsigned long)(buffers + b * PAGE), s->len = PAGE;
            s->off = place(k), s->user_data = k;
            sq_array[(tail + b) & *sq_mask] = (tail + b) & *sq_mask;
        }
        __atomic_store_n(sq_tail, tail + batch, __ATOMIC_RELEASE); // … show them to the kernel, and
        int done = syscall(SYS_io_uring_enter, ring, batch, batch, IORING_ENTER_GETEVENTS, NULL, 0);
        if (done != batch) exit(4); // … enter it once
        calls++;
        for (unsigned head = *cq_head; head != __atomic_load_n(cq_tail, __ATOMIC_ACQUIRE);) {
            if (cqes[head & *cq_mask].res != PAGE) exit(5);
            __atomic_store_n(cq_head, ++head, __ATOMIC_RELEASE); // seen: the place is free again
        }
    }
}

int main(int n, char **a) {
    depth = n > 1 ? atoi(a[1]) : 16, reads = n > 2 ? atoi(a[2]) : 20000;
    int direct = n > 3 && strcmp(a[3], "direct") == 0;
    if (depth < 1 || depth > MOST || reads < 1) return 1;
    char name[] = "reads-XXXXXX";
    int fd = mkstemp(name);
    buffers = mmap(NULL, MOST * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(buffers, 1, MOST * PAGE);
    for (int k = 0; k < PAGES; k++) if (write(fd, buffers, PAGE) != PAGE) return 1;
    fsync(fd);
    file = direct ? open(name, O_RDONLY | O_DIRECT) : open(name, O_RDONLY);
    unlink(name);
    if (file < 0) return puts("this file system knows no direct reads"), 1;
    int uring = set_up();
    for (int way = 0; way < (uring ? 3 : 1); way++) {
        if (way == 2) {
            struct iovec v = {buffers, MOST * PAGE};
            if (syscall(SYS_io_uring_register, ring, IORING_REGISTER_BUFFERS, &v, 1)
                || syscall(SYS_io_uring_register, ring, IORING_REGISTER_FILES, &file, 1)) break;
        }
        calls = 0;
        double begin = now();
        if (way == 0) by_threads(); else by_ring(way == 2);
        printf("%-22s %10.0f reads/s %8.3f calls a read\n",
               (char *[]){"threads", "io_uring", "io_uring, registered"}[way],
               reads / (now() - begin), (double)calls / reads);
    }
    if (!uring) puts("io_uring is refused here");
    return 0;
}

// What one of each costs here, in ns: a system call, a copy of 4 KiB, pinning a page, waking a
// sleeper, a switch.
// One line a repeat.  Arguments: repeats.
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { MANY = 4000, HOPS = 1500, PAGE = 4096 };
static int there[2], back[2];
static double wrote[HOPS], both[HOPS];

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e9 + t.tv_nsec;
}

static int order(const void *a, const void *b) { return *(double *)a > *(double *)b ? 1 : -1; }

// Of HOPS times; who is driven out for a while spoils a mean, not a median.
static double middle(double *times) {
    qsort(times, HOPS, sizeof *times, order);
    return times[HOPS / 2];
}

static double reads(int fd, char *to, size_t size) {
    double begin = now();
    for (int k = 0; k < MANY; k++)
        if (pread(fd, to, size, 0) < 0) exit(2);
    return (now() - begin) / MANY;
}

// User pages go into a pipe, and from there into nothing.
static double pins(char *pages, int count, int null) {
    struct iovec v = {pages, (size_t)count * PAGE};
    double begin = now();
    for (int k = 0; k < MANY / 4; k++)
        if (vmsplice(there[1], &v, 1, 0) < 0
            || splice(there[0], NULL, null, NULL, v.iov_len, 0) < 0) exit(3);
    return (now() - begin) / (MANY / 4);
}

static void *echo(void *unused) { // of a class that does not drive others out when it is woken
    struct sched_param p = {0};
    char c;
    sched_setscheduler(0, SCHED_BATCH, &p);
    while (read(there[0], &c, 1) == 1 && write(back[1], &c, 1) == 1 && c != 'q') ;
    return unused;
}

int main(int n, char **a) {
    int repeats = n > 1 ? atoi(a[1]) : 5, null = open("/dev/null", O_WRONLY);
    char name[] = "costs-XXXXXX", c = 'x', *pages = aligned_alloc(PAGE, 16 * PAGE);
    memset(pages, 1, 16 * PAGE);
    int file = mkstemp(name);
    unlink(name);
    if (file < 0 || write(file, pages, 16 * PAGE) != 16 * PAGE) return 1;
    if (pipe(there) || pipe(back)) return 1;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(sched_getcpu(), &one);
    sched_setaffinity(0, sizeof one, &one); // sender and sleeper share a CPU
    for (int r = 0; r < repeats; r++) {
        double begin = now();
        for (int k = 0; k < MANY; k++) syscall(SYS_getppid);
        double call = (now() - begin) / MANY;
        double copy = (reads(file, pages, 16 * PAGE) - reads(file, pages, PAGE)) / 15;
        double pin = (pins(pages, 16, null) - pins(pages, 1, null)) / 15;
        for (int k = 0; k < HOPS; k++) { // write and read, nobody asleep
            double t = now();
            if (write(there[1], &c, 1) != 1) return 4;
            wrote[k] = now() - t;
            if (read(there[0], &c, 1) != 1) return 4;
            both[k] = now() - t;
        }
        double quiet = middle(wrote), alone = middle(both);
        pthread_t thread;
        if (pthread_create(&thread, NULL, echo, NULL)) return 5;
        for (int k = 0; k < HOPS; k++) { // there and back, each time a sleeper is woken
            char send = k == HOPS - 1 ? 'q' : 'x';
            double t = now();
            if (write(there[1], &send, 1) != 1) return 4;
            wrote[k] = now() - t;
            if (read(back[0], &c, 1) != 1) return 4;
            both[k] = now() - t;
        }
        pthread_join(thread, NULL);
        double wake = middle(wrote) - quiet, change = middle(both) / 2 - alone - wake;
        printf("%.1f %.1f %.1f %.1f %.1f\n", call, copy, pin, wake, change);
    }
    return 0;
}

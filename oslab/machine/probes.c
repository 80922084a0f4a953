/* Costs of the kernel's services.  One line a repeat, in ns:
 *   probes call COUNT                 a system call
 *   probes switch COUNT [threads]     a hop through a pipe to another process on the same CPU and back, halved;
 *                                     and the same two system calls without a switch
 *   probes fork COUNT MIB             fork() until it returns; until the child has ended and was waited for
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { REPEATS = 7 };
static int there[2], back[2];

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e9 + t.tv_nsec;
}

static void hop(int from, int to) {
    char byte = 0;
    if ((from >= 0 && read(from, &byte, 1) != 1) || (to >= 0 && write(to, &byte, 1) != 1)) _exit(0);
}

static void *echo(void *unused) {
    for (;;) hop(there[0], back[1]);
    return unused;
}

static void pin(void) {
#ifdef __linux__
    cpu_set_t one;
    int cpu = sched_getcpu();
    CPU_ZERO(&one);
    CPU_SET(cpu < 0 ? 0 : cpu, &one);
    sched_setaffinity(0, sizeof one, &one);
#endif
}

static void calls(long count) {
    for (int r = 0; r < REPEATS; r++) {
        double begin = now();
        for (long i = 0; i < count; i++) getppid();
        printf("%.2f\n", (now() - begin) / count);
    }
}

static void switches(long count, int threads) {
    pthread_t other;
    if (pipe(there) || pipe(back)) exit(1);
    pin();
    pid_t child = 0;
    if (threads) {
        if (pthread_create(&other, NULL, echo, NULL)) exit(1);
    } else if ((child = fork()) == 0) {
        close(there[1]);
        echo(NULL);
    }
    for (int r = 0; r <= REPEATS; r++) {
        double begin = now();
        for (long i = 0; i < count; i++) hop(-1, there[1]), hop(back[0], -1);
        double hops = (now() - begin) / count / 2;
        begin = now();
        for (long i = 0; i < count; i++) hop(-1, back[1]), hop(back[0], -1);
        if (r) printf("%.2f %.2f\n", hops, (now() - begin) / count);
    }
    if (child) {
        close(there[1]);
        waitpid(child, NULL, 0);
    }
}

static void forks(long count, size_t mib) {
    if (mib) {
        char *memory = mmap(NULL, mib << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) exit(1);
#ifdef MADV_NOHUGEPAGE
        madvise(memory, mib << 20, MADV_NOHUGEPAGE);
#endif
        memset(memory, 1, mib << 20);
    }
    for (int r = 0; r <= REPEATS; r++) {
        double returned = 0, begin = now(), start;
        for (long i = 0; i < count; i++) {
            start = now();
            pid_t child = fork();
            if (child == 0) _exit(0);
            returned += now() - start;
            if (child < 0) exit(1);
            waitpid(child, NULL, 0);
        }
        if (r) printf("%.2f %.2f\n", returned / count, (now() - begin) / count);
    }
}

int main(int argc, char **argv) {
    if (argc < 3) return 2;
    long count = atol(argv[2]);
    if (!strcmp(argv[1], "call")) calls(count);
    else if (!strcmp(argv[1], "switch")) switches(count, argc > 3);
    else if (!strcmp(argv[1], "fork")) forks(count, argc > 3 ? atol(argv[3]) : 0);
    else return 2;
    return 0;
}

// An echo server on 127.0.0.1 by threads, epoll and io_uring; a client, in a thread of its own, sends
// on all connections, then reads from all; both on one CPU, or the rate would be that of waking another one.
// System calls only.  Arguments: connections, rounds.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/io_uring.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { SIZE = 64, MOST = 24 };
static int count, rounds, near[MOST], far[MOST]; // the client's ends, the server's ends
static long calls;
static char data[MOST][SIZE];

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static void connect_all(void) {
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof here;
    int listening = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    if (bind(listening, (void *)&here, size) || listen(listening, MOST)) exit(2);
    if (getsockname(listening, (void *)&here, &size)) exit(2); // the port that the kernel chose
    for (int k = 0; k < count; k++) {
        near[k] = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(near[k], (void *)&here, size)) exit(2);
        if ((far[k] = accept(listening, NULL, NULL)) < 0) exit(2);
        setsockopt(near[k], IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        setsockopt(far[k], IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    close(listening);
}

static void *client(void *unused) {
    char message[SIZE] = "hello";
    for (int r = 0; r < rounds; r++) {
        for (int k = 0; k < count; k++) if (send(near[k], message, SIZE, 0) != SIZE) exit(3);
        for (int k = 0; k < count; k++)
            if (recv(near[k], message, SIZE, MSG_WAITALL) != SIZE) exit(3);
    }
    for (int k = 0; k < count; k++) shutdown(near[k], SHUT_WR);
    return unused;
}

static void *one_connection(void *which) {
    long k = (long)which, made = 0, got;
    while (made++, (got = recv(far[k], data[k], SIZE, 0)) > 0)
        made++, send(far[k], data[k], got, 0);
    __atomic_add_fetch(&calls, made, __ATOMIC_RELAXED);
    return NULL;
}

static void by_threads(void) {
    pthread_t threads[MOST];
    for (long k = 0; k < count; k++)
        if (pthread_create(&threads[k], NULL, one_connection, (void *)k)) exit(4);
    for (int k = 0; k < count; k++) pthread_join(threads[k], NULL);
}

static void by_epoll(void) {
    int watch = epoll_create1(0), open_ones = count;
    struct epoll_event event = {.events = EPOLLIN}, ready[MOST];
    for (int k = 0; k < count; k++)
        event.data.u32 = k, epoll_ctl(watch, EPOLL_CTL_ADD, far[k], &event);
    while (open_ones) {
        int n = epoll_wait(watch, ready, MOST, -1);
        calls++;
        for (int i = 0; i < n; i++) {
            int k = ready[i].data.u32, got = recv(far[k], data[k], SIZE, 0);
            calls++;
            if (got > 0) calls++, send(far[k], data[k], got, 0);
            else epoll_ctl(watch, EPOLL_CTL_DEL, far[k], NULL), open_ones--;
        }
    }
    close(watch);
}

static struct io_uring_sqe *sqes;
static unsigned *tail, *array, mask, next, filled;

static void put(int code, int k, int size) { // write a request; the kernel is shown it later
    unsigned i = next++ & mask;
    sqes[i] = (struct io_uring_sqe){.opcode = code, .fd = far[k], .len = size};
    sqes[i].addr = (unsigned long)data[k], sqes[i].user_data = k << 1 | (code == IORING_OP_SEND);
    array[i] = i, filled++;
}

static int by_ring(void) {
    struct io_uring_params p = {0};
    int ring = syscall(SYS_io_uring_setup, 2 * MOST, &p), open_ones = count;
    if (ring < 0) return 0;
    size_t size = p.sq_off.array + p.sq_entries * 4, other = p.sq_entries * sizeof *sqes;
    int both = PROT_READ | PROT_WRITE; // one memory for both rings (Linux 5.4), one for the requests
    char *m = mmap(NULL, size, both, MAP_SHARED, ring, IORING_OFF_SQ_RING);
    sqes = mmap(NULL, other, both, MAP_SHARED, ring, IORING_OFF_SQES);
    if (m == MAP_FAILED || sqes == MAP_FAILED) exit(5);
    tail = (void *)(m + p.sq_off.tail), array = (void *)(m + p.sq_off.array), mask = p.sq_entries - 1;
    unsigned *head = (void *)(m + p.cq_off.head), *end = (void *)(m + p.cq_off.tail);
    struct io_uring_cqe *cqes = (void *)(m + p.cq_off.cqes);
    next = *tail, filled = 0;
    for (int k = 0; k < count; k++) put(IORING_OP_RECV, k, SIZE);
    while (open_ones) {
        __atomic_store_n(tail, next, __ATOMIC_RELEASE);
        int done = syscall(SYS_io_uring_enter, ring, filled, 1, IORING_ENTER_GETEVENTS, NULL, 0);
        if (done < 0) exit(5);
        calls++, filled = 0;
        while (*head != __atomic_load_n(end, __ATOMIC_ACQUIRE)) {
            struct io_uring_cqe c = cqes[*head & (p.cq_entries - 1)];
            __atomic_store_n(head, *head + 1, __ATOMIC_RELEASE); // seen: the place is free again
            int k = c.user_data >> 1;
            if (c.user_data & 1) put(IORING_OP_RECV, k, SIZE); // sent: receive again
            else if (c.res > 0) put(IORING_OP_SEND, k, c.res); // received: send it back
            else open_ones--;
        }
    }
    munmap(m, size), munmap(sqes, other), close(ring);
    return 1;
}

int main(int n, char **a) {
    count = n > 1 ? atoi(a[1]) : 16, rounds = n > 2 ? atoi(a[2]) : 1000;
    if (count < 1 || count > MOST || rounds < 1) return 1;
    cpu_set_t here;
    CPU_ZERO(&here);
    CPU_SET(sched_getcpu(), &here);
    sched_setaffinity(0, sizeof here, &here);
    for (int way = 0; way < 3; way++) {
        pthread_t thread;
        int refused = 0;
        calls = 0;
        connect_all();
        double begin = now();
        if (pthread_create(&thread, NULL, client, NULL)) return 4;
        if (way == 0) by_threads(); else if (way == 1) by_epoll(); else refused = !by_ring();
        if (refused) return puts("io_uring is refused here"), 0;
        pthread_join(thread, NULL);
        double echoes = (double)count * rounds;
        printf("%-22s %10.0f echoes/s %8.3f calls an echo\n",
               (char *[]){"threads", "epoll", "io_uring"}[way], echoes / (now() - begin), calls / echoes);
        for (int k = 0; k < count; k++) close(near[k]), close(far[k]);
    }
    return 0;
}

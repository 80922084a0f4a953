// An echo server on 127.0.0.1 by threads, epoll and io_uring; a client in a thread sends on all connections, then reads all.
// System calls only.  Arguments: connections, rounds.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/io_uring.h>
#include <netinet/tcp.h>
#include <pthread.h>
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
    if (bind(listening, (void *)&here, size) || listen(listening, MOST) || getsockname(listening, (void *)&here, &size)) exit(2);
    for (int k = 0; k < count; k++) {
        near[k] = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(near[k], (void *)&here, size) || (far[k] = accept(listening, NULL, NULL)) < 0) exit(2);
        setsockopt(near[k], IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        setsockopt(far[k], IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    close(listening);
}

static void *client(void *unused) {
    char message[SIZE] = "hello";
    for (int r = 0; r < rounds; r++) {
        for (int k = 0; k < count; k++) if (send(near[k], message, SIZE, 0) != SIZE) exit(3);
        for (int k = 0; k < count; k++) if (recv(near[k], message, SIZE, MSG_WAITALL) != SIZE) exit(3);
    }
    for (int k = 0; k < count; k++) shutdown(near[k], SHUT_WR);
    return unused;
}

static void *one_connection(void *which) {
    long k = (long)which, made = 0, got;
    while (made++, (got = recv(far[k], data[k], SIZE, 0)) > 0) made++, send(far[k], data[k], got, 0);
    __atomic_add_fetch(&calls, made, __ATOMIC_RELAXED);
    return NULL;
}

static void by_threads(void) {
    pthread_t threads[MOST];
    for (long k = 0; k < count; k++) if (pthread_create(&threads[k], NULL, one_connection, (void *)k)) exit(4);
    for (int k = 0; k < count; k++) pthread_join(threads[k], NULL);
}

static void by_epoll(void) {
    int watch = epoll_create1(0), open_ones = count;
    struct epoll_event event = {.events = EPOLLIN}, ready[MOST];
    for (int k = 0; k < count; k++) event.data.u32 = k, epoll_ctl(watch, EPOLL_CTL_ADD, far[k], &event);
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

static int by_ring(void) {
    struct io_uring_params p = {0};
    int ring = syscall(SYS_io_uring_setup, 2 * MOST, &p), open_ones = count, filled = 0;
    if (ring < 0) return 0;
    size_t size = p.cq_off.cqes + p.cq_entries * sizeof(struct io_uring_cqe);
    char *m = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_CQ_RING);
    struct io_uring_sqe *sqes = mmap(NULL, p.sq_entries * sizeof *sqes, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQES);
    unsigned *tail = (void *)(m + p.sq_off.tail), *array = (void *)(m + p.sq_off.array), mask = p.sq_entries - 1;
    unsigned *head = (void *)(m + p.cq_off.head), *end = (void *)(m + p.cq_off.tail), cq_mask = p.cq_entries - 1;
    struct io_uring_cqe *cqes = (void *)(m + p.cq_off.cqes);
    unsigned next = *tail;
#define PUT(code, k, n) do { unsigned i = next++ & mask; array[i] = i, filled++; sqes[i] = (struct io_uring_sqe){.opcode = code, \
        .fd = far[k], .addr = (unsigned long)data[k], .len = n, .user_data = (k) << 1 | (code == IORING_OP_SEND)}; } while (0)
    for (int k = 0; k < count; k++) PUT(IORING_OP_RECV, k, SIZE);
    while (open_ones) {
        __atomic_store_n(tail, next, __ATOMIC_RELEASE);
        if (syscall(SYS_io_uring_enter, ring, filled, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0) exit(5);
        calls++, filled = 0;
        for (; *head != __atomic_load_n(end, __ATOMIC_ACQUIRE); __atomic_store_n(head, *head + 1, __ATOMIC_RELEASE)) {
            struct io_uring_cqe c = cqes[*head & cq_mask];
            int k = c.user_data >> 1;
            if (c.user_data & 1) PUT(IORING_OP_RECV, k, SIZE); // sent: receive again
            else if (c.res > 0) PUT(IORING_OP_SEND, k, c.res); // received: send it back
            else open_ones--;
        }
    }
    munmap(m, size), munmap(sqes, p.sq_entries * sizeof *sqes), close(ring);
    return 1;
}

int main(int n, char **a) {
    count = n > 1 ? atoi(a[1]) : 16, rounds = n > 2 ? atoi(a[2]) : 1000;
    if (count < 1 || count > MOST || rounds < 1) return 1;
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
        printf("%-22s %10.0f echoes/s %8.3f calls an echo\n", (char *[]){"threads", "epoll", "io_uring"}[way],
               echoes / (now() - begin), calls / echoes);
        for (int k = 0; k < count; k++) close(near[k]), close(far[k]);
    }
    return 0;
}

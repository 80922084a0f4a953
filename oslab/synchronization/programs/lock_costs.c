// Threads work, part of it under one lock, under one of 64, or on data of their own.  Prints rounds in a millisecond.
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { REPEATS = 5, MOST = 8, STRIPES = 64, UNITS = 400, LINE = 64 };
static const char *const names[] = {"one lock", "64 locks", "no sharing"};
struct padded { pthread_mutex_t mutex; volatile uint64_t value; char rest[LINE]; };
static struct padded stripe[STRIPES], own[MOST];
static volatile int running;
static int kind, inside;
static long rounds[MOST];

static uint64_t spin(uint64_t x, int units)
{
    for (int k = 0; k < units; k++)
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
    return x;
}

static void *work(void *arg)
{
    int me = (int)(intptr_t)arg;
    uint64_t x = 88172645463325252ull + me;
    long done = 0;

    while (running) {
        x = spin(x, UNITS - inside);
        struct padded *p = kind == 2 ? &own[me] : &stripe[kind == 1 ? x % STRIPES : 0];
        if (kind < 2)
            pthread_mutex_lock(&p->mutex);
        p->value = spin(p->value | 1, inside);
        if (kind < 2)
            pthread_mutex_unlock(&p->mutex);
        done++;
    }
    rounds[me] = done;
    return NULL;
}

static double measure(int n)
{
    pthread_t thread[MOST];
    struct timespec a, b;
    long sum = 0;

    running = 1;
    clock_gettime(CLOCK_MONOTONIC, &a);
    for (int t = 0; t < n; t++)
        pthread_create(&thread[t], NULL, work, (void *)(intptr_t)t);
    usleep(15000);
    running = 0;
    for (int t = 0; t < n; t++) {
        pthread_join(thread[t], NULL);
        sum += rounds[t];
    }
    clock_gettime(CLOCK_MONOTONIC, &b);
    return sum / ((b.tv_sec - a.tv_sec) * 1e3 + (b.tv_nsec - a.tv_nsec) / 1e6);
}

int main(int argc, char **argv)
{
    static const int counts[] = {1, 2, 4, 6, 8};

    inside = argc > 1 ? UNITS * atoi(argv[1]) / 100 : UNITS / 4;
    for (int s = 0; s < STRIPES; s++)
        pthread_mutex_init(&stripe[s].mutex, NULL);
    for (int repeat = 0; repeat < REPEATS; repeat++)
        for (kind = 0; kind < 3; kind++)
            for (int c = 0; c < 5; c++)
                printf("%s;%d;%.4f\n", names[kind], counts[c], measure(counts[c]));
    return 0;
}

// Threads increment one counter: with nothing, with a mutex, with an atomic step.  Prints what was lost, in percent.
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum { REPEATS = 5, MOST = 8 };
static volatile long plain;
static atomic_long whole;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t start;
static int kind;
static long times;

static void *work(void *arg)
{
    (void)arg;
    pthread_barrier_wait(&start);
    for (long k = 0; k < times; k++) {
        if (kind == 0) {
            plain++;
        } else if (kind == 1) {
            pthread_mutex_lock(&mutex);
            plain++;
            pthread_mutex_unlock(&mutex);
        } else {
            atomic_fetch_add(&whole, 1);
        }
    }
    return NULL;
}

int main(int argc, char **argv)
{
    static const int counts[] = {1, 2, 4, 8};
    long increments = argc > 1 ? atol(argv[1]) : 1000000;
    pthread_t thread[MOST];

    for (int repeat = 0; repeat < REPEATS; repeat++)
        for (kind = 0; kind < 3; kind++)
            for (int c = 0; c < 4; c++) {
                int n = counts[c];
                times = kind == 1 ? increments / 20 + 1 : increments;
                plain = 0;
                whole = 0;
                pthread_barrier_init(&start, NULL, n);
                for (int t = 0; t < n; t++)
                    pthread_create(&thread[t], NULL, work, NULL);
                for (int t = 0; t < n; t++)
                    pthread_join(thread[t], NULL);
                pthread_barrier_destroy(&start);
                long kept = kind == 2 ? whole : plain;
                printf("%d %d %.6f\n", kind, n, 100.0 * (n * times - kept) / (n * times));
            }
    return 0;
}

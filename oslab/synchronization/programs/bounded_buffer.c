#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define SIZE   10   // places in the buffer: try 1
#define ITEMS  50   // that each producer makes
#define MAKERS  1   // producers
#define TAKERS  1   // consumers: try 2, and "if" for "while" below

static int ring[SIZE], head, count;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t not_full = PTHREAD_COND_INITIALIZER;
static pthread_cond_t not_empty = PTHREAD_COND_INITIALIZER;

static void check(void)
{
    if (count < 0 || count > SIZE) {
        printf("BROKEN: %d items in %d places\n", count, SIZE);
        exit(1);
    }
}

static void *producer(void *arg)
{
    for (int k = 0; k < ITEMS; k++) {
        pthread_mutex_lock(&mutex);
        while (count == SIZE)
            pthread_cond_wait(&not_full, &mutex);
        ring[(head + count++) % SIZE] = k;
        check();
        pthread_cond_signal(&not_empty);
        pthread_mutex_unlock(&mutex);
    }
    return arg;
}

static void *consumer(void *sum)
{
    for (int k = 0; k < ITEMS * MAKERS / TAKERS; k++) {
        pthread_mutex_lock(&mutex);
        while (count == 0)
            pthread_cond_wait(&not_empty, &mutex);
        *(long *)sum += ring[head];
        head = (head + 1) % SIZE;
        count--;
        check();
        pthread_cond_signal(&not_full);
        pthread_mutex_unlock(&mutex);
    }
    return NULL;
}

int main(void)
{
    pthread_t maker[MAKERS], taker[TAKERS];
    long sum[TAKERS] = {0}, total = 0;

    for (int t = 0; t < TAKERS; t++)
        pthread_create(&taker[t], NULL, consumer, &sum[t]);
    for (int t = 0; t < MAKERS; t++)
        pthread_create(&maker[t], NULL, producer, NULL);
    for (int t = 0; t < MAKERS; t++)
        pthread_join(maker[t], NULL);
    for (int t = 0; t < TAKERS; t++) {
        pthread_join(taker[t], NULL);
        total += sum[t];
    }
    printf("%d items went through, their sum is %ld, expected %d\n",
           MAKERS * ITEMS, total, MAKERS * ITEMS * (ITEMS - 1) / 2);
    return total != MAKERS * ITEMS * (ITEMS - 1) / 2;
}

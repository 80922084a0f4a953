// The same schedules by the structures that one would take in C++: a deque, a set of pairs, a heap.
// Each fills the same rows as the engine: task, CPU, start and end of every turn, why it ended, whether the CPU switched.
#include <cstdint>
#include <deque>
#include <queue>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

using i64 = std::int64_t;
enum { DONE = 1, EXPIRED = 3, PREEMPTED = 4 };

struct Rows {
    i64 *turns;
    std::uint8_t *marks;
    i64 made = 0, last = -1;
    void begin(i64 task, i64 now) {
        turns[4 * made] = task;
        turns[4 * made + 1] = 0;
        turns[4 * made + 2] = now;
        marks[2 * made + 1] = last >= 0 && last != task;
        last = task;
    }
    void end(i64 now, int why) {
        turns[4 * made + 3] = now;
        marks[2 * made] = why;
        made++;
    }
};

extern "C" i64 rr(i64 n, const i64 *burst, i64 quantum, i64 *turns, std::uint8_t *marks) {
    Rows rows{turns, marks};
    std::vector<i64> left(burst, burst + n);
    std::deque<i64> queue;
    for (i64 i = 0; i < n; i++) queue.push_back(i);
    i64 now = 0;
    while (!queue.empty()) {
        i64 task = queue.front();
        queue.pop_front();
        rows.begin(task, now);
        i64 ran = left[task] < quantum ? left[task] : quantum;
        now += ran;
        left[task] -= ran;
        rows.end(now, left[task] ? EXPIRED : DONE);
        if (left[task]) queue.push_back(task);
    }
    return rows.made;
}

// CFS without a tick: a turn is a slice; equal vruntimes in the order of queueing, hence the number in the pair.
extern "C" i64 cfs(i64 n, const i64 *burst, const i64 *weight, i64 *turns, std::uint8_t *marks) {
    Rows rows{turns, marks};
    std::vector<i64> left(burst, burst + n), v(n, 0);
    std::set<std::pair<i64, std::pair<i64, i64>>> tree;
    i64 now = 0, load = 0, count = n, serial = 0, least = 0;
    for (i64 i = 0; i < n; i++) {
        tree.insert({0, {serial++, i}});
        load += weight[i];
    }
    while (!tree.empty()) {
        i64 task = tree.begin()->second.second;
        tree.erase(tree.begin());
        rows.begin(task, now);
        i64 ran = 0, slice;
        do {
            i64 period = count <= 8 ? 6000000 : count * 750000;
            slice = period * weight[task] / load;
            i64 now_ran = left[task] < slice ? left[task] : slice;
            ran += now_ran;
            left[task] -= now_ran;
            v[task] += now_ran * 1024 / weight[task];
            i64 low = v[task];
            if (!tree.empty() && tree.begin()->first < low) low = tree.begin()->first;
            if (low > least) least = low;
        } while (count == 1 && left[task]);
        now += ran;
        rows.end(now, left[task] ? EXPIRED : DONE);
        if (left[task]) {
            tree.insert({v[task], {serial++, task}});
        } else {
            count--;
            load -= weight[task];
        }
    }
    return rows.made;
}

extern "C" i64 srtf(i64 n, const i64 *arrival, const i64 *burst, i64 *turns, std::uint8_t *marks) {
    using Entry = std::tuple<i64, i64, i64>;  // left, number by arrival, task; arrivals are in order
    Rows rows{turns, marks};
    std::vector<i64> left(burst, burst + n);
    std::priority_queue<Entry, std::vector<Entry>, std::greater<Entry>> heap;
    i64 now = 0, next = 0, running = -1, since = 0;
    while (true) {
        if (running < 0 && !heap.empty()) {
            running = std::get<2>(heap.top());
            heap.pop();
            rows.begin(running, now);
            since = now;
        }
        if (running < 0 && next == n) return rows.made;
        i64 over = running < 0 ? INT64_MAX : since + left[running];
        if (next < n && arrival[next] <= over) {
            now = arrival[next];
            bool take = false;
            if (running >= 0) {
                left[running] -= now - since;
                since = now;
            }
            while (next < n && arrival[next] == now) {
                heap.push({left[next], next, next});
                take |= running >= 0 && left[running] > 0 && left[next] < left[running];
                next++;
            }
            if (running >= 0 && left[running] == 0) {
                rows.end(now, DONE);
                running = -1;
            } else if (take) {
                rows.end(now, PREEMPTED);
                heap.push({left[running], running, running});
                running = -1;
            }
        } else {
            now = over;
            left[running] = 0;
            rows.end(now, DONE);
            running = -1;
        }
    }
}

#!/usr/bin/env python3
"""How long a cohort takes on many nodes, by the seconds that slides took.

    simulate_cohort.py COHORT.csv [--slides 10000] [--nodes 1,4,16,64,256] [--stragglers 0.05] [--slowness 4]
                       [--failures-per-day 0.01] [--minutes 30] [--file-system-mb 2000] [--slide-mb 1500] [--result-mb 20] [--seed 1]

COHORT.csv is what `mitoloom cohort table` wrote: the seconds of its slides that are done are drawn from, with replacement. Tasks deal
and take slides as `mitoloom run --shard` does: the largest first, their own first, then anybody's, in batches that get smaller towards the
end. A share of the nodes is slower (--stragglers, --slowness); a node fails now and then, is back after --minutes, and what it had taken
is free again after 35 s. All nodes together read slides and write results with --file-system-mb a second at most: while more than that
is asked for, everybody waits in proportion. A row per number of nodes: hours, how much of the nodes' time was work, slides begun twice,
and what share of its time the file system was at its limit.
"""
import argparse, csv, heapq, random

BEAT_S = 35        # until the slides of a lost node are free
MOST = 16          # of a batch


def measured(path):
    with open(path, newline="") as file:
        seconds = [float(row["seconds"]) for row in csv.DictReader(file) if row["state"] == "done" and row["seconds"]]
    if not seconds:
        raise SystemExit(f"{path}: no slide is done")
    return seconds


def deal(costs, nodes):
    """Per slide its task: the largest first, each to the one that has least."""
    load = [(0.0, node) for node in range(nodes)]
    owner = [0] * len(costs)
    for slide in sorted(range(len(costs)), key=lambda s: -costs[s]):
        least, node = heapq.heappop(load)
        owner[slide] = node
        heapq.heappush(load, (least + costs[slide], node))
    return owner


class Cohort:
    def __init__(self, options, seconds, nodes):
        draw = random.Random(options.seed)
        self.costs = [draw.choice(seconds) for _ in range(options.slides)]
        self.speed = [options.slowness if draw.random() < options.stragglers else 1.0 for _ in range(nodes)]
        self.options, self.nodes, self.draw = options, nodes, draw
        owner = deal(self.costs, nodes)
        by_cost = sorted(range(options.slides), key=lambda s: -self.costs[s])
        self.queues = [[] for _ in range(nodes)]
        for slide in by_cost:
            self.queues[owner[slide]].append(slide)
        self.anybody = by_cost
        self.first = 0                   # of anybody, that may be open
        self.state = bytearray(options.slides)  # 0 open, 1 taken, 2 done
        self.left = sum(self.costs)

    def claim(self, node):
        batch, budget = [], self.left / (4 * self.nodes)
        queue = self.queues[node]
        while queue and self.may_take(batch, budget, queue[0]):
            slide = queue.pop(0)
            if self.state[slide] == 0:
                batch.append(slide)
                self.state[slide] = 1
        at = self.first
        while at < len(self.anybody) and self.may_take(batch, budget, self.anybody[at]):
            slide = self.anybody[at]
            if self.state[slide] == 0:
                batch.append(slide)
                self.state[slide] = 1
            at += 1
        while self.first < len(self.anybody) and self.state[self.anybody[self.first]]:
            self.first += 1
        self.left -= sum(self.costs[slide] for slide in batch)
        return batch

    def may_take(self, batch, budget, slide):
        return not batch or (len(batch) < MOST and sum(self.costs[s] for s in batch) + self.costs[slide] <= budget)

    def seconds_of(self, node, slide):
        return self.costs[slide] * self.speed[node]

    def run(self):
        o = self.options
        rate = (o.slide_mb + o.result_mb) / (sum(self.costs) / len(self.costs))  # MB a second that one busy node asks for
        crowd = self.nodes * rate / o.file_system_mb
        stretch = max(1.0, crowd)
        events = [(0.0, node, 0) for node in range(self.nodes)]
        heapq.heapify(events)
        end = busy = 0.0
        twice = 0
        failures = o.failures_per_day / 86400
        freed = []
        while events:
            now, node, _ = heapq.heappop(events)
            while freed and freed[0][0] <= now:
                _, slide = heapq.heappop(freed)
                self.state[slide] = 0
                self.left += self.costs[slide]
                self.first = 0
                twice += 1
            batch = self.claim(node)
            if not batch:
                if freed:  # somebody's slides come free: look again then
                    heapq.heappush(events, (freed[0][0], node, 0))
                continue
            fails_at = now + self.draw.expovariate(failures) if failures > 0 else float("inf")
            for at, slide in enumerate(batch):
                takes = self.seconds_of(node, slide) * stretch
                if now + takes > fails_at:
                    for lost in batch[at:]:
                        heapq.heappush(freed, (fails_at + BEAT_S, lost))
                    busy += fails_at - now
                    now = fails_at + 60 * o.minutes
                    break
                now += takes
                busy += takes
                self.state[slide] = 2
                end = max(end, now)
            heapq.heappush(events, (now, node, 0))
        assert all(state == 2 for state in self.state)
        return end / 3600, sum(self.costs) / (end * self.nodes), twice, min(1.0, crowd)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cohort")
    parser.add_argument("--slides", type=int, default=10000)
    parser.add_argument("--nodes", default="1,4,16,64,256")
    parser.add_argument("--stragglers", type=float, default=0.05)
    parser.add_argument("--slowness", type=float, default=4)
    parser.add_argument("--failures-per-day", type=float, default=0.01)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--file-system-mb", type=float, default=2000)
    parser.add_argument("--slide-mb", type=float, default=1500)
    parser.add_argument("--result-mb", type=float, default=20)
    parser.add_argument("--seconds-factor", type=float, default=1, help="slides take so many times what was measured")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    seconds = [s * options.seconds_factor for s in measured(options.cohort)]
    print("| nodes | hours | share of work | begun twice | load of the file system |\n|---|---|---|---|---|")
    for nodes in map(int, options.nodes.split(",")):
        hours, share, twice, load = Cohort(options, seconds, nodes).run()
        print(f"| {nodes} | {hours:.2f} | {share:.2f} | {twice} | {load:.2f} |", flush=True)


if __name__ == "__main__":
    main()

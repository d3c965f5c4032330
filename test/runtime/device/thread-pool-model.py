#!/usr/bin/env python3
"""Tries orders of execution of runtime/device/ThreadPool.cpp that a machine takes once in a million times.

    thread-pool-model.py [SCHEDULES]

Each worker is a generator that stops before every access to memory that others write; a schedule is which worker goes on
next, drawn from a seed. Memory is in one order, as the pool's atomics are. A schedule in which all that live sleep is lost.
The model must find the order of Bell::await that once lost a wake-up (counted as asleep, then the ring's number read)
wrong, and lose no schedule with the order of today.
"""
import random
import sys

IDLE, INVITED, INSIDE, WAITING = range(4)
STEPS = 200_000
SPINS = [0, 1, 3]  # looks before a wait sleeps
GRIDS = [2, 1, 2]  # blocks of each grid of a call
CALLS = 4


class TakenBack(Exception):
    """longjmp out of the emitted code."""


class Asleep:
    """What a worker yields as long as it sleeps until the ring's number is another."""

    def __init__(self, pool, heard):
        self.wakes = lambda: pool.rings != heard


class Pool:
    """The fields are those of ThreadPool::State, the generators its functions."""

    def __init__(self, workers, dice, counts_first):
        self.workers, self.dice, self.counts_first = workers, dice, counts_first
        self.rings = self.asleep = 0
        self.quit = False
        self.epoch, self.done, self.range = 1, (1, 0), [(1, 0)] * workers
        self.presence, self.grid, self.taken = [IDLE] * workers, [0] * workers, [0] * workers

    def ring(self):
        yield
        if self.asleep == 0:
            return
        yield
        before, self.asleep = self.asleep, 0
        if before == 0:
            return
        yield
        self.rings += 1

    def wait(self, holds):
        for _ in range(self.dice.choice(SPINS)):
            yield
            if holds():
                return
        while True:
            yield
            if self.counts_first:
                self.asleep += 1
                yield
                heard = self.rings
            else:
                heard = self.rings
                yield
                self.asleep += 1
            yield
            if holds():
                return
            while self.rings == heard:
                yield Asleep(self, heard)

    def open(self, grid):
        yield
        self.range, self.done = [(grid, 0)] * self.workers, (grid, 0)
        yield
        self.epoch = grid
        yield from self.ring()

    def barrier(self, me):
        self.grid[me] += 1
        number, self.taken[me] = self.grid[me], 0
        yield
        if self.epoch >= number:
            return
        yield
        self.presence[me] = WAITING
        yield from self.wait(lambda: self.epoch >= number or self.presence[me] != WAITING)
        yield
        if self.presence[me] != WAITING:
            raise TakenBack
        self.presence[me] = INSIDE

    def run_grid(self, me, blocks):
        yield from self.barrier(me)
        for turn in range(self.workers):
            owner = (me + turn) % self.workers
            count = (owner + 1) * blocks // self.workers - owner * blocks // self.workers
            while count > 0:
                yield
                grid, next_block = self.range[owner]
                if grid != self.grid[me] or next_block >= count:
                    break
                self.range[owner] = (grid, next_block + 1)
                self.taken[me] += 1
                for _ in range(self.dice.choice([0, 0, 5])):
                    yield  # the block's work
        yield
        if self.taken[me] > 0:
            grid, finished = self.done
            self.done = (grid, finished + self.taken[me])
            if self.done[1] == blocks:
                yield from self.open(self.grid[me] + 1)

    def walk(self, me):
        for blocks in GRIDS:
            yield from self.run_grid(me, blocks)

    def worker(self, me):
        while True:
            yield from self.wait(lambda: self.quit or self.presence[me] == INVITED)
            if self.quit:
                return
            yield
            if self.presence[me] != INVITED:
                continue
            self.presence[me] = INSIDE
            try:
                yield from self.walk(me)
            except TakenBack:
                continue
            yield
            self.presence[me] = IDLE
            yield from self.ring()

    def is_out(self, me):
        if self.presence[me] in (INVITED, WAITING):
            self.presence[me] = IDLE
        return self.presence[me] == IDLE

    def caller(self):
        for _ in range(CALLS):
            before = self.epoch - 1
            for worker in range(self.workers):
                self.grid[worker] = before
                if worker:
                    yield
                    self.presence[worker] = INVITED
            yield from self.ring()
            yield from self.walk(0)
            yield from self.barrier(0)
            for worker in range(1, self.workers):
                yield from self.wait(lambda: self.is_out(worker))
        yield
        self.quit = True
        yield from self.ring()


def is_lost(seed, workers, counts_first):
    """Whether a schedule comes to a state in which nobody goes on."""
    dice = random.Random(seed)
    pool = Pool(workers, dice, counts_first)
    threads = [pool.caller(), *(pool.worker(i) for i in range(1, workers))]
    asleep, live, current = {}, set(range(workers)), 0
    for _ in range(STEPS):
        ready = [thread for thread in live if thread not in asleep or asleep[thread].wakes()]
        if not ready:
            return bool(live)
        if current not in ready or dice.random() < 0.25:
            current = dice.choice(ready)
        asleep.pop(current, None)
        try:
            said = next(threads[current])
            if said:
                asleep[current] = said
        except StopIteration:
            live.discard(current)
    return True


def main():
    schedules = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
    failed = 0
    for workers in (2, 3):
        lost = {order: sum(is_lost(seed, workers, order) for seed in range(schedules)) for order in (True, False)}
        print(f"{workers} workers, {schedules} schedules: {lost[True]} lost if counted first, {lost[False]} as it is")
        if lost[False]:
            failed += 1
            print(f"FAIL {workers} workers: the pool loses a wake-up")
        if not lost[True]:
            failed += 1
            print(f"FAIL {workers} workers: the model does not see the lost wake-up of the other order")
    print(f"{4 - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()

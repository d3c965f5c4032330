"""Whether a measurement was alone on the machine."""
import os
import resource

SHARE = 0.02  # of the CPUs' time: more that others took voids a run


def ticks():
    """(time of all CPUs, stolen by the hypervisor, used by anyone), in seconds. Source: proc(5), /proc/stat."""
    with open("/proc/stat") as stat:
        user, nice, system, idle, wait, irq, soft, steal = (int(word) for word in stat.readline().split()[1:9])
    second = os.sysconf("SC_CLK_TCK")
    busy = user + nice + system + irq + soft
    return (busy + idle + wait + steal) / second, steal / second, busy / second


class Watch:
    """with Watch() as watch: run programs and wait for them. Then watch.disturbed is the share of the CPUs' time that was
    stolen or went to others, and watch.isVoid whether that was too much.
    """

    def __enter__(self):
        self.before, self.ours = ticks(), self.children()
        return self

    @staticmethod
    def children():
        used = [resource.getrusage(who) for who in (resource.RUSAGE_CHILDREN, resource.RUSAGE_SELF)]
        return sum(u.ru_utime + u.ru_stime for u in used)

    def __exit__(self, *_):
        total, stolen, busy = (after - before for after, before in zip(ticks(), self.before))
        others = max(0.0, busy - (self.children() - self.ours))
        self.disturbed = (stolen + others) / total if total else 0.0
        self.is_void = self.disturbed > SHARE

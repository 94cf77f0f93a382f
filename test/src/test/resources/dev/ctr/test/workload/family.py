"""A family of processes counts in memory that it shares; its eldest checks all of it and that nobody is missing, twenty times a second."""
import mmap
import os
import struct
import time

CHILDREN = 4
PAGE = 4096
COUNTERS = struct.Struct(f"{CHILDREN}q")
FILLED_BYTES = 256 * PAGE


def expect(what, holds, found):
    if not holds:
        print(f"wrong: {what}: {found!r}", flush=True)
        os._exit(1)


nameless = mmap.mmap(-1, PAGE + FILLED_BYTES)
filling = os.urandom(FILLED_BYTES)
nameless[PAGE:] = filling
file = os.open("/dev/shm/family", os.O_RDWR | os.O_CREAT)
os.ftruncate(file, PAGE)
named = mmap.mmap(file, PAGE)


def count(number):
    """Counts in the memory without a name first, then in the other: between them there is never more than one."""
    eldest = os.getppid()
    while True:
        value, = struct.unpack_from("q", nameless, 8 * number)
        struct.pack_into("q", nameless, 8 * number, value + 1)
        struct.pack_into("q", named, 8 * number, value + 1)
        if os.getppid() != eldest:
            os._exit(3)
        time.sleep(0.002)


def fork(task):
    child = os.fork()
    if child == 0:
        task()
        os._exit(0)
    return child


def have_grandchild():
    """In a session of its own, with a child that counts."""
    os.setsid()
    fork(lambda: count(CHILDREN - 1))
    os.wait()


children = [fork(lambda number=number: count(number)) for number in range(CHILDREN - 1)]
children.append(fork(have_grandchild))

tick = 0
before = (0,) * CHILDREN
still = [0] * CHILDREN
while True:
    time.sleep(0.05)
    second = COUNTERS.unpack_from(named)
    first = COUNTERS.unpack_from(nameless)
    expect("the two memories differ by more than was counted meanwhile", all(map(int.__le__, second, first)), (first, second))
    expect("somebody counts backwards", all(map(int.__le__, before, first)), (before, first))
    still = [0 if now > then else since + 1 for then, now, since in zip(before, first, still)]
    expect("somebody has not counted for two seconds", max(still) < 40, first)
    expect("the filling has changed", nameless[PAGE:] == filling, "")
    expect("somebody has ended", os.waitpid(-1, os.WNOHANG) == (0, 0), children)
    expect("the grandchild's parent is in another session", os.getsid(children[-1]) == children[-1], children)
    before = first
    tick += 1
    print("ok", tick, flush=True)

"""Holds what a process may have besides memory, with something under way in each, and checks all of it twenty times a second."""
import ctypes
import os
import select
import signal
import socket
import struct

PERIOD = 0.05
CLOCK_MONOTONIC = 1
DELETED_BYTES = 100_000


def expect(what, found, expected):
    if found != expected:
        print(f"wrong: {what}: {found!r} instead of {expected!r}", flush=True)
        os._exit(1)


def periodic_timer():
    libc = ctypes.CDLL(None)
    timer = libc.timerfd_create(CLOCK_MONOTONIC, 0)
    nanos = int(PERIOD * 1e9)
    libc.timerfd_settime(timer, 0, struct.pack("4l", 0, nanos, 0, nanos), None)
    return timer


# A Unix socket with a name, both ends ours.
listening = socket.socket(socket.AF_UNIX)
listening.bind("/tmp/socket")
listening.listen()
client = socket.socket(socket.AF_UNIX)
client.connect("/tmp/socket")
server, _ = listening.accept()

pipe_out, pipe_in = os.pipe()
timer = periodic_timer()

# The alarm comes by a signal, three ticks of the timer apart.
alarms = 0


def on_alarm(*_):
    global alarms
    alarms += 1


signal.signal(signal.SIGALRM, on_alarm)
signal.setitimer(signal.ITIMER_REAL, 3 * PERIOD, 3 * PERIOD)

content = os.urandom(DELETED_BYTES)
deleted = os.open("/tmp/deleted", os.O_RDWR | os.O_CREAT)
os.write(deleted, struct.pack("q", 0) + content)
os.unlink("/tmp/deleted")

kept = open("/tmp/kept", "w+b", buffering=0)

events = select.epoll()
for descriptor in (timer, server.fileno(), pipe_out):
    events.register(descriptor, select.EPOLLIN)

# Message n waits in the socket and in the pipe from one tick to the next, so that some are under way at any moment.
tick = 0
message = struct.pack("q", tick)
client.send(message)
os.write(pipe_in, message)
waiting = set()
while True:
    waiting.update(descriptor for descriptor, _ in events.poll(10))
    if not waiting:
        expect("events within ten seconds", len(waiting), 3)
    if timer not in waiting:
        continue
    expect("epoll tells of timer, socket and pipe", waiting, {timer, server.fileno(), pipe_out})
    os.read(timer, 8)
    waiting.clear()

    message = struct.pack("q", tick)
    expect("the socket's message", server.recv(100), message)
    expect("the pipe's message", os.read(pipe_out, 100), message)
    expect("the deleted file's number", os.pread(deleted, 8, 0), message)
    expect("the deleted file's content", os.pread(deleted, DELETED_BYTES + 1, 8), content)
    expect("the deleted file's links", os.fstat(deleted).st_nlink, 0)
    expect("where the kept file stands", kept.tell(), 8 * tick)
    if tick % 40 == 39:
        expect("whether the alarm went off", alarms > 0, True)
        alarms = 0

    tick += 1
    message = struct.pack("q", tick)
    client.send(message)
    os.write(pipe_in, message)
    os.pwrite(deleted, message, 0)
    kept.write(message)
    print("ok", tick, flush=True)

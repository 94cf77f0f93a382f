package dev.ctr.test;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A program for a container, in a Java virtual machine of its own: fifty threads count, each for itself and all into a shared sum, and
 * the main thread checks twenty times a second that every sum is right and every thread alive. It needs no other class of the tests.
 */
final class FiftyThreads {
    private static final int THREADS = 50;
    private static final int PATIENCE_TICKS = 100;

    private FiftyThreads() {}

    /** Adds its number again and again, to its own sum and to everybody's. */
    private static final class Adding extends Thread {
        private final int number;
        private final AtomicLong all;
        private long times;
        private long sum;

        Adding(int number, AtomicLong all) {
            super("adding-" + number);
            this.number = number;
            this.all = all;
        }

        @Override
        public void run() {
            try {
                while (true) {
                    synchronized (this) {
                        times++;
                        sum += number;
                        all.addAndGet(number);
                    }
                    sleep(5);
                }
            } catch (InterruptedException ended) {
                currentThread().interrupt();
            }
        }

        /** How often it has added; fails if its sum is another. */
        synchronized long times() {
            expect(sum == times * number, getName() + " has the sum " + sum + " after " + times);
            return times;
        }

        synchronized long sum() {
            return sum;
        }
    }

    public static void main(String[] arguments) throws InterruptedException {
        AtomicLong all = new AtomicLong();
        List<Adding> threads = new ArrayList<>();
        for (int number = 1; number <= THREADS; number++) {
            threads.add(new Adding(number, all));
        }
        threads.forEach(Thread::start);
        long[] before = new long[THREADS];
        int[] still = new int[THREADS];
        for (int tick = 1; ; tick++) {
            Thread.sleep(50);
            long least = threads.stream().mapToLong(Adding::sum).sum();
            long sum = all.get();
            long most = threads.stream().mapToLong(Adding::sum).sum();
            expect(least <= sum && sum <= most, "everybody's sum is " + sum + ", not " + least + " to " + most);
            for (int i = 0; i < THREADS; i++) {
                long times = threads.get(i).times();
                still[i] = times > before[i] ? 0 : still[i] + 1;
                before[i] = times;
            }
            expect(Arrays.stream(still).max().orElseThrow() < PATIENCE_TICKS, "a thread has stopped");
            System.out.println("ok " + tick);
        }
    }

    private static void expect(boolean holds, String otherwise) {
        if (!holds) {
            System.out.println("wrong: " + otherwise);
            System.exit(1);
        }
    }
}

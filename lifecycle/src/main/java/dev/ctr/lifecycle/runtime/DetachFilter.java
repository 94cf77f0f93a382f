package dev.ctr.lifecycle.runtime;

import java.nio.ByteBuffer;

/**
 * Finds the detach keys in what is typed. A part of them is held back until it is clear whether the rest follows, however
 * the bytes are cut into reads. Belongs to the thread that reads the input.
 */
final class DetachFilter {
    private final byte[] keys;

    /** How many of the keys the input read so far ends with. */
    private int held;

    DetachFilter(byte[] keys) {
        this.keys = keys.clone();
    }

    /**
     * Copies what is to go on to the program.
     *
     * @param target has room for {@code length} bytes and for the keys
     * @return whether the detach keys were complete; what follows them is dropped
     */
    boolean copy(byte[] source, int length, ByteBuffer target) {
        if (keys.length == 0) {
            target.put(source, 0, length);
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (accept(source[i], target)) {
                return true;
            }
        }
        return false;
    }

    private boolean accept(byte next, ByteBuffer target) {
        while (held > 0 && keys[held] != next) {
            int shorter = nextShorter();
            target.put(keys, 0, held - shorter);
            held = shorter;
        }
        if (keys[held] != next) {
            target.put(next);
            return false;
        }
        held++;
        return held == keys.length;
    }

    /** The longest true beginning of the keys that what is held ends with. */
    private int nextShorter() {
        for (int length = held - 1; length > 0; length--) {
            if (endsWithBeginning(length)) {
                return length;
            }
        }
        return 0;
    }

    private boolean endsWithBeginning(int length) {
        for (int i = 0; i < length; i++) {
            if (keys[held - length + i] != keys[i]) {
                return false;
            }
        }
        return true;
    }

    /** Copies what was held back, when the input has ended. */
    void flush(ByteBuffer target) {
        target.put(keys, 0, held);
        held = 0;
    }
}

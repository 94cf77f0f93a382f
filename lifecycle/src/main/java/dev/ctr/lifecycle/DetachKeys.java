package dev.ctr.lifecycle;

import java.util.Arrays;
import java.util.List;

/**
 * The keys that, typed one after the other, end an attachment to a terminal and leave the program running. Immutable.
 *
 * <p>Spelled as podman spells them: single characters and {@code ctrl-X}, separated by commas, where X is one of {@code
 * a-z @ [ \ ] ^ _}; {@code DEL} is the delete key. The empty text means that no keys detach.
 */
public final class DetachKeys {
    /** podman's: control P, then control Q. */
    public static final DetachKeys DEFAULT = parse("ctrl-p,ctrl-q");

    /** Nothing that is typed detaches. */
    public static final DetachKeys NONE = new DetachKeys("", new byte[0]);

    private static final String CONTROL = "ctrl-";
    private static final String AFTER_Z = "[\\]^_";
    private static final byte FIRST_AFTER_Z = 27;
    private static final byte DELETE = 127;

    private final String text;
    private final byte[] keys;

    private DetachKeys(String text, byte[] keys) {
        this.text = text;
        this.keys = keys;
    }

    /**
     * Reads the keys.
     *
     * @throws EngineException with INVALID_ARGUMENT for a key that is none
     */
    public static DetachKeys parse(String text) {
        if (text.isEmpty()) {
            return NONE;
        }
        List<String> names = Arrays.asList(text.split(",", -1));
        byte[] keys = new byte[names.size()];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = key(names.get(i));
        }
        return new DetachKeys(text, keys);
    }

    private static byte key(String name) {
        if (name.length() == 1 && name.charAt(0) <= DELETE) {
            return (byte) name.charAt(0);
        }
        if (name.equals("DEL")) {
            return DELETE;
        }
        if (name.length() == CONTROL.length() + 1 && name.startsWith(CONTROL)) {
            char key = name.charAt(CONTROL.length());
            if (key == '@') {
                return 0;
            }
            if (key >= 'a' && key <= 'z') {
                return (byte) (key - 'a' + 1);
            }
            if (AFTER_Z.indexOf(key) >= 0) {
                return (byte) (FIRST_AFTER_Z + AFTER_Z.indexOf(key));
            }
        }
        throw new EngineException(
                EngineException.Code.INVALID_ARGUMENT, "invalid detach keys: Unknown character: '" + name + "'");
    }

    /** The keys as bytes, in the order in which they are typed; empty when no keys detach. */
    public byte[] bytes() {
        return keys.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof DetachKeys that && Arrays.equals(keys, that.keys);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(keys);
    }

    /** As they were spelled. */
    @Override
    public String toString() {
        return text;
    }
}

package dev.ctr.agent.transfer;

/**
 * How chunks are compressed on their way.
 *
 * @param mode when
 * @param zstdLevel how hard; higher is smaller and slower
 */
public record ChunkCompression(Mode mode, int zstdLevel) {
    /** Whatever is faster. */
    public static final ChunkCompression AUTO = new ChunkCompression(Mode.AUTO, 1);

    public static final ChunkCompression NONE = new ChunkCompression(Mode.NONE, 0);

    private static final int LOWEST = -7;
    private static final int HIGHEST = 19;

    /** When chunks are compressed. */
    public enum Mode {
        /** While the link takes less than the sender could give: then there is time for it, and it saves more. */
        AUTO,
        NONE,
        ALWAYS
    }

    /**
     * Reads {@code auto}, {@code none}, {@code zstd} or {@code zstd:LEVEL}.
     *
     * @throws IllegalArgumentException for anything else
     */
    public static ChunkCompression parse(String text) {
        if (text.equals("auto")) {
            return AUTO;
        }
        if (text.equals("none")) {
            return NONE;
        }
        if (text.equals("zstd")) {
            return new ChunkCompression(Mode.ALWAYS, 1);
        }
        if (text.matches("zstd:-?\\d{1,2}")) {
            int level = Integer.parseInt(text.substring("zstd:".length()));
            if (level >= LOWEST && level <= HIGHEST && level != 0) {
                return new ChunkCompression(Mode.ALWAYS, level);
            }
        }
        throw new IllegalArgumentException("invalid compression \"" + text
                + "\": it must be auto, none, zstd, or zstd:LEVEL with a level from -7 to 19 but 0");
    }

    /** The level for the next chunk, 0 for none. */
    int level(boolean linkIsCongested) {
        return mode == Mode.ALWAYS || (mode == Mode.AUTO && linkIsCongested) ? zstdLevel : 0;
    }
}

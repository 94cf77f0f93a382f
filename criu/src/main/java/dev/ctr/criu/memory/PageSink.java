package dev.ctr.criu.memory;

import dev.ctr.criu.image.PageRun;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Takes the pages of one task, in ascending order of their addresses, each at most once. */
public interface PageSink {
    /**
     * Takes pages with their content.
     *
     * @param address of the first page
     * @param content whole pages, between the buffer's position and limit, which the sink may move
     * @param kind one that is {@link PageRun.Kind#isPresent present}
     */
    void present(long address, ByteBuffer content, PageRun.Kind kind) throws IOException;

    /** Takes pages whose content is that of the previous level. */
    void inParent(long address, long pages) throws IOException;
}

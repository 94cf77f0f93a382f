package dev.ctr.lifecycle;

import java.io.IOException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** A container's log, wherever its driver keeps it. */
final class Logs {
    private final EngineContext engine;
    private final ContainerConfig config;
    private final LogOptions options;

    Logs(EngineContext engine, ContainerConfig config, LogOptions options) {
        this.engine = engine;
        this.config = config;
        this.options = options;
    }

    /**
     * Hands every line that is asked for to the sink.
     *
     * @param ended whether nothing will be written any more; asked only when following
     * @throws EngineException with INVALID_ARGUMENT if the driver keeps nothing
     */
    void read(Consumer<LogLine> sink, BooleanSupplier ended) throws IOException, InterruptedException {
        String driver = config.logDriver();
        if (driver.equals(LogSettings.JOURNAL)) {
            new JournalReader(config.id(), options).read(sink, ended);
        } else if (LogSettings.isFile(driver)) {
            new LogReader(engine.store().paths(config.id()).log(config), options).read(sink, ended);
        } else {
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT,
                    "this container is using the '" + driver
                            + "' log driver, cannot read logs: this container is not logging output");
        }
    }
}

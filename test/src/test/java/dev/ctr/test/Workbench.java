package dev.ctr.test;

import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.CreateOptions;
import dev.ctr.lifecycle.Engine;
import dev.ctr.lifecycle.LogOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A root with busybox, on which containers are made and looked at by the library and commands run where they are the point.
 * Registered as an extension, it removes the containers after each test and itself after the last.
 */
final class Workbench implements AutoCloseable, AfterEachCallback, AfterAllCallback {
    private final CtrRoot root;
    private final Engine engine;

    private Workbench(CtrRoot root) {
        this.root = root;
        this.engine = Engines.of(root);
    }

    static Workbench create() {
        return new Workbench(CtrRoot.create().withBusybox());
    }

    CtrRoot root() {
        return root;
    }

    Engine engine() {
        return engine;
    }

    /** A file of the test. */
    Path file(String name) {
        return root.directory().resolve(name);
    }

    /** Runs a busybox shell script without a network. */
    Container run(String name, String script) {
        return run(Engines.busybox("sh", "-c", script).name(name));
    }

    Container run(CreateOptions options) {
        Container container = engine.create(options);
        container.start();
        return container;
    }

    /** Runs {@code ctr}, which must succeed, and returns its output. */
    String ctr(String... arguments) {
        return root.ctr(arguments);
    }

    /** Runs {@code ctr}, which must fail with code 125 and say why in one line. */
    String refusal(String... arguments) {
        return root.run(arguments).failedWith(125);
    }

    /** What the container has written so far. */
    static String log(Container container) {
        StringBuilder text = new StringBuilder();
        container.logs(
                LogOptions.ALL,
                line -> text.append(new String(line.content(), StandardCharsets.UTF_8))
                        .append('\n'));
        return text.toString();
    }

    /** One field of {@code State} in what {@code inspect} says, as text; empty if it is not there. */
    static String state(Container container, String field) {
        return container.inspect().path("State").path(field).asText();
    }

    /** Removes every container with its anonymous volumes, at once. */
    void removeContainers() {
        for (Container container : engine.containers()) {
            container.remove(true, true, Optional.of(Duration.ZERO));
        }
    }

    @Override
    public void afterEach(ExtensionContext test) {
        removeContainers();
    }

    @Override
    public void afterAll(ExtensionContext tests) {
        close();
    }

    @Override
    public void close() {
        root.close();
    }
}

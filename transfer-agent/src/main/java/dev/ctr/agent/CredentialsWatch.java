package dev.ctr.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reloads credentials when their files have changed: its one thread looks every few seconds, and takes what it finds once
 * it has stayed the same from one look to the next, so that files which are replaced one after the other are read together.
 */
final class CredentialsWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CredentialsWatch.class);
    private static final int SECONDS = 5;

    private final Credentials credentials;
    private final ScheduledExecutorService thread;
    private final ScheduledFuture<?> looks;
    private List<String> loaded;
    private List<String> lastSeen;

    CredentialsWatch(Credentials credentials) {
        this.credentials = credentials;
        this.loaded = seen();
        this.lastSeen = loaded;
        this.thread = Executors.newSingleThreadScheduledExecutor(work -> {
            Thread made = new Thread(work, "ctr-agent-certificates");
            made.setDaemon(true);
            return made;
        });
        this.looks = thread.scheduleWithFixedDelay(this::look, SECONDS, SECONDS, TimeUnit.SECONDS);
    }

    private void look() {
        List<String> now = seen();
        boolean settled = now.equals(lastSeen);
        lastSeen = now;
        if (!settled || now.equals(loaded)) {
            return;
        }
        loaded = now;
        try {
            credentials.reload();
            LOG.info("the certificates were read again");
        } catch (AgentException e) {
            LOG.warn("the certificates changed and those from before go on being used: {}", e.getMessage());
        }
    }

    private List<String> seen() {
        Identity files = credentials.files();
        return Stream.of(files.certificate(), files.key(), files.authority())
                .map(CredentialsWatch::mark)
                .toList();
    }

    private static String mark(Path file) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return attributes.fileKey() + " " + attributes.lastModifiedTime() + " " + attributes.size();
        } catch (IOException e) {
            return "none";
        }
    }

    @Override
    public void close() {
        looks.cancel(true);
        thread.shutdown();
    }
}

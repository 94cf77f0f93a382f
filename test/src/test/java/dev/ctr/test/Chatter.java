package dev.ctr.test;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Many connections to Redis, on one after the other of which something is said: a single one would fall silent for a while after the
 * first word that is not answered.
 */
final class Chatter implements AutoCloseable {
    private static final int CONNECTIONS = 150;
    private static final int PAUSE_MILLIS = 10;

    private final List<Redis.Client> clients = new ArrayList<>();
    private final long[] said = new long[CONNECTIONS];
    private final Thread thread = new Thread(this::talk, "chatter");
    private volatile boolean silent;
    private volatile @Nullable IOException failure;

    private Chatter() {}

    static Chatter with(String address) throws IOException {
        Chatter chatter = new Chatter();
        for (int i = 0; i < CONNECTIONS; i++) {
            chatter.clients.add(Redis.connect(address));
        }
        return chatter;
    }

    /** Begins to talk. */
    void begin() {
        thread.start();
    }

    private void talk() {
        try {
            for (int i = 0; !silent; i = (i + 1) % CONNECTIONS) {
                clients.get(i).say("PING");
                said[i]++;
                Thread.sleep(PAUSE_MILLIS);
            }
        } catch (IOException e) {
            failure = e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Says no more, and makes sure that everything was answered. */
    void requireAnswers() throws IOException, InterruptedException {
        silent = true;
        thread.join();
        if (failure != null) {
            throw failure;
        }
        for (int i = 0; i < CONNECTIONS; i++) {
            for (; said[i] > 0; said[i]--) {
                if (!clients.get(i).answer().equals("+PONG")) {
                    throw new AssertionError("connection " + i + " got another answer than it waited for");
                }
            }
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        silent = true;
        thread.join();
        for (Redis.Client client : clients) {
            client.close();
        }
    }
}

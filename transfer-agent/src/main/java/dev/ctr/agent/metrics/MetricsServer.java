package dev.ctr.agent.metrics;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Shows figures at {@code /metrics} by HTTP, without TLS: for this host, or a network that is trusted. */
public final class MetricsServer implements AutoCloseable {
    private static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    /** So that one slow reader does not keep the others waiting. */
    private static final int THREADS = 4;

    private final HttpServer server;
    private final ExecutorService threads;

    private MetricsServer(HttpServer server, ExecutorService threads) {
        this.server = server;
        this.threads = threads;
    }

    /**
     * Starts listening, with threads of its own.
     *
     * @throws IOException if nobody can listen there
     */
    public static MetricsServer start(InetSocketAddress listen, Metrics metrics) throws IOException {
        HttpServer server = HttpServer.create(listen, 0);
        ExecutorService threads = Executors.newFixedThreadPool(THREADS, work -> {
            Thread made = new Thread(work, "ctr-metrics");
            made.setDaemon(true);
            return made;
        });
        server.createContext("/metrics", exchange -> answer(exchange, metrics));
        server.setExecutor(threads);
        server.start();
        return new MetricsServer(server, threads);
    }

    private static void answer(HttpExchange exchange, Metrics metrics) throws IOException {
        try (exchange) {
            byte[] text = metrics.text().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", CONTENT_TYPE);
            exchange.sendResponseHeaders(200, text.length);
            exchange.getResponseBody().write(text);
        }
    }

    /** The port that it listens on. */
    public int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}

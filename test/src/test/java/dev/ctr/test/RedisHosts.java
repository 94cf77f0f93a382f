package dev.ctr.test;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.CreateOptions;
import dev.ctr.lifecycle.image.ImportOptions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** Two hosts that have the image of a Redis. */
final class RedisHosts implements AutoCloseable {
    /** The container's name. */
    static final String NAME = "redis";

    private final TestHosts hosts;

    private RedisHosts(TestHosts hosts) {
        this.hosts = hosts;
    }

    static RedisHosts make() throws IOException {
        assumeTrue(TestHosts.canRun(), "network namespaces with bridges and iptables are not to be had");
        assumeTrue(Commands.exists("redis-server"), "redis-server is not installed");
        RedisHosts made = new RedisHosts(TestHosts.of(2));
        Path tar = Redis.image(made.a().root().directory());
        for (TestHost host : List.of(made.a(), made.b())) {
            try (InputStream in = Files.newInputStream(tar)) {
                host.engine().images().importTar(in, new ImportOptions("redis", List.of(), ""));
            }
        }
        return made;
    }

    TestHost a() {
        return hosts.host(0);
    }

    TestHost b() {
        return hosts.host(1);
    }

    /** Starts Redis on the first host, and a client that counts in it. */
    Counting startRedis() throws IOException, InterruptedException {
        return count(start());
    }

    /** Starts Redis on the first host, and returns its address. */
    String start() throws IOException, InterruptedException {
        return start(options -> {});
    }

    /** As {@link #start()}, with more options. */
    String start(Consumer<CreateOptions> more) throws IOException, InterruptedException {
        a().call(() -> {
            CreateOptions options = CreateOptions.fromImage("redis")
                    .name(NAME)
                    .network(TestHost.NETWORK)
                    .command(Redis.COMMAND);
            more.accept(options);
            Container redis = a().engine().create(options);
            redis.start();
            return redis;
        });
        return address();
    }

    /** The address of the Redis on the first host. */
    String address() {
        return redis(a())
                .inspect()
                .at("/NetworkSettings/Networks/lan/IPAddress")
                .asText();
    }

    /** Lets a client count in the Redis at an address. */
    Counting count(String address) throws IOException, InterruptedException {
        return hosts.onClient(() -> Counting.on(Redis.connect(address)));
    }

    /** Lets a client talk to Redis on many connections. */
    Chatter chatter(String address) throws IOException, InterruptedException {
        return hosts.onClient(() -> Chatter.with(address));
    }

    /** Lets another client count in Redis, in a number of its own, through another address and port. */
    Counting count(String address, int port, String key) throws IOException, InterruptedException {
        return hosts.onClient(() -> Counting.on(Redis.connect(address, port), key));
    }

    /** Gives a Redis keys. */
    void populate(String address, int keys) throws IOException, InterruptedException {
        String answer = hosts.onClient(() -> {
            try (Redis.Client client = Redis.connect(address)) {
                return client.ask("DEBUG POPULATE " + keys);
            }
        });
        if (!answer.equals("+OK")) {
            throw new AssertionError("Redis took no keys: " + answer);
        }
    }

    /** Pulls a host's plug, or puts it in again. */
    void setLink(int number, boolean up) {
        hosts.setLink(number, up);
    }

    static Container redis(TestHost host) {
        return host.engine().container(NAME);
    }

    @Override
    public void close() {
        hosts.close();
    }
}

package dev.ctr.agent.migration;

import dev.ctr.agent.HostAndPort;
import dev.ctr.agent.Identity;
import dev.ctr.agent.transfer.Bandwidth;
import dev.ctr.agent.transfer.ChunkCompression;
import java.time.Duration;
import java.util.List;

/** How to migrate a container. A mutable builder: set what differs from the defaults, then hand it over. */
public final class MigrateOptions {
    private static final int MOST_STREAMS = 16;
    private static final int MOST_ROUNDS = 100;

    final HostAndPort target;
    final Identity identity;
    StrategyChoice strategy = StrategyChoice.AUTO;
    Duration downtime = Duration.ofMillis(300);
    Duration timeout = Duration.ofMinutes(10);
    boolean force;
    int maxRounds = 8;
    int streams = 2;
    Bandwidth bandwidth = Bandwidth.UNLIMITED;
    ChunkCompression compression = ChunkCompression.AUTO;
    boolean tcpEstablished;
    boolean tcpClose;
    boolean fileLocks;
    String name = "";
    List<String> publish = List.of();
    boolean keep;
    MigrationProgress progress = MigrationProgress.NONE;
    Cancellation cancellation = new Cancellation();

    /**
     * A migration to this agent.
     *
     * @param identity who the source is to it
     */
    public MigrateOptions(HostAndPort target, Identity identity) {
        this.target = target;
        this.identity = identity;
    }

    /** When its memory moves. */
    public MigrateOptions strategy(StrategyChoice value) {
        strategy = value;
        return this;
    }

    /** How long it may stand still, if that can be had: rounds end when the rest takes no longer. */
    public MigrateOptions downtime(Duration value) {
        downtime = value;
        return this;
    }

    /** How long rounds may take in all. */
    public MigrateOptions timeout(Duration value) {
        timeout = value;
        return this;
    }

    /** Freezes it when the time is over, however long it will stand still; otherwise it stays where it is. */
    public MigrateOptions force(boolean value) {
        force = value;
        return this;
    }

    /**
     * How many rounds there may be.
     *
     * @throws IllegalArgumentException unless from 1 to 100
     */
    public MigrateOptions maxRounds(int value) {
        maxRounds = within(value, MOST_ROUNDS, "rounds");
        return this;
    }

    /**
     * How many connections carry the data.
     *
     * @throws IllegalArgumentException unless from 1 to 16
     */
    public MigrateOptions streams(int value) {
        streams = within(value, MOST_STREAMS, "streams");
        return this;
    }

    private static int within(int value, int most, String what) {
        if (value < 1 || value > most) {
            throw new IllegalArgumentException("the number of " + what + " must be from 1 to " + most);
        }
        return value;
    }

    public MigrateOptions bandwidth(Bandwidth value) {
        bandwidth = value;
        return this;
    }

    public MigrateOptions compression(ChunkCompression value) {
        compression = value;
        return this;
    }

    /** Takes established TCP connections along, which needs the container's address to move with it. */
    public MigrateOptions tcpEstablished(boolean value) {
        tcpEstablished = value;
        return this;
    }

    /** Closes established TCP connections. */
    public MigrateOptions tcpClose(boolean value) {
        tcpClose = value;
        return this;
    }

    public MigrateOptions fileLocks(boolean value) {
        fileLocks = value;
        return this;
    }

    /** Gives it a new name, and with that a new ID and address. */
    public MigrateOptions name(String value) {
        name = value;
        return this;
    }

    /** Publishes these ports there in place of its own, each as podman writes it. */
    public MigrateOptions publish(List<String> value) {
        publish = List.copyOf(value);
        return this;
    }

    /** Keeps the container here, as one that has ended. */
    public MigrateOptions keep(boolean value) {
        keep = value;
        return this;
    }

    /** By which the migration can be given up. */
    public MigrateOptions cancellation(Cancellation value) {
        cancellation = value;
        return this;
    }

    public MigrateOptions progress(MigrationProgress value) {
        progress = value;
        return this;
    }
}

package dev.ctr.agent;

import java.time.Duration;

/**
 * How much of an agent its peers may take.
 *
 * @param connections at one time, all peers together
 * @param connectionsPerAddress at one time, from one IP address
 * @param callsPerConnection at one time
 * @param handshake how long a new connection may take until it can carry calls
 * @param idle after how long without a call a connection is closed
 * @param keepAlive after how long a silence a peer is asked whether it is still there
 * @param keepAliveAnswer how long it may take to answer
 */
public record AgentLimits(
        int connections,
        int connectionsPerAddress,
        int callsPerConnection,
        Duration handshake,
        Duration idle,
        Duration keepAlive,
        Duration keepAliveAnswer) {
    /** What {@code ctr agent serve} allows. A peer that stops for half a minute is not taken for dead. */
    public static final AgentLimits DEFAULT = new AgentLimits(
            256,
            64,
            64,
            Duration.ofSeconds(10),
            Duration.ofMinutes(10),
            Duration.ofSeconds(20),
            Duration.ofSeconds(40));

    /** The same with another time for handshakes. */
    public AgentLimits withHandshake(Duration time) {
        return new AgentLimits(
                connections, connectionsPerAddress, callsPerConnection, time, idle, keepAlive, keepAliveAnswer);
    }

    /** The same with another number of connections from one address. */
    public AgentLimits withConnectionsPerAddress(int number) {
        return new AgentLimits(connections, number, callsPerConnection, handshake, idle, keepAlive, keepAliveAnswer);
    }
}

package dev.ctr.agent.migration;

/**
 * Named moments at which a test can have this process die as by SIGKILL, or stop: {@code CTR_FAULT=target-held} in its environment.
 * Without the variable they do nothing.
 */
final class FaultPoint {
    private static final String FAULT = System.getenv().getOrDefault("CTR_FAULT", "");
    private static final int KILLED = 137;

    private FaultPoint() {}

    static void at(String point) {
        if (!FAULT.isEmpty() && FAULT.equals(point)) {
            Runtime.getRuntime().halt(KILLED);
        }
    }
}

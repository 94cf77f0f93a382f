package dev.ctr.agent.migration;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.ctr.agent.transfer.MigrationId;
import dev.ctr.lifecycle.event.Event;
import dev.ctr.lifecycle.event.EventStatus;
import dev.ctr.lifecycle.event.EventType;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/**
 * What one side knows of a migration.
 *
 * @param migration its ID
 * @param side whose record this is
 * @param epoch the highest in which the source has spoken
 * @param state how far it is
 * @param container the container's ID on the source
 * @param name the container's name on this side
 * @param peer the name of the other side, from its certificate
 * @param address where the other side is; on the source that of the target's agent
 * @param strategy when its memory moves
 * @param newContainer the container's ID on the target; empty while there is none
 * @param removeOnExit whether the container goes when its program ends
 * @param reason why it is as it is, a sentence; may be empty
 * @param begun when it began
 * @param changed when this was written
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record MigrationRecord(
        MigrationId migration,
        Side side,
        long epoch,
        MigrationState state,
        String container,
        String name,
        String peer,
        String address,
        String strategy,
        String newContainer,
        boolean removeOnExit,
        String reason,
        Instant begun,
        Instant changed) {

    /** What the event journal has of it. */
    Event event() {
        Map<String, String> attributes = new TreeMap<>(
                Map.of("migration", migration.hex(), "side", side.word(), "state", state.word(), "peer", peer));
        if (!strategy.isEmpty()) {
            attributes.put("strategy", strategy);
        }
        if (!reason.isEmpty()) {
            attributes.put("reason", reason);
        }
        String id = side == Side.TARGET && !newContainer.isEmpty() ? newContainer : container;
        return Event.of(EventType.CONTAINER, EventStatus.MIGRATE, id, name).withAttributes(attributes);
    }

    /** The same in another state, now. */
    MigrationRecord in(MigrationState next, String why) {
        return new MigrationRecord(
                migration,
                side,
                epoch,
                next,
                container,
                name,
                peer,
                address,
                strategy,
                newContainer,
                removeOnExit,
                why,
                begun,
                Instant.now());
    }

    /** The same with the ID that the container has on the target. */
    MigrationRecord withNewContainer(String id) {
        return new MigrationRecord(
                migration,
                side,
                epoch,
                state,
                container,
                name,
                peer,
                address,
                strategy,
                id,
                removeOnExit,
                reason,
                begun,
                changed);
    }

    /** The same in a later epoch. */
    MigrationRecord inEpoch(long later) {
        return new MigrationRecord(
                migration,
                side,
                later,
                state,
                container,
                name,
                peer,
                address,
                strategy,
                newContainer,
                removeOnExit,
                reason,
                begun,
                changed);
    }
}

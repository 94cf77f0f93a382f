package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ctr.criu.linux.Durable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The note that a container was given away to another host, which alone knows whether it runs there. It is on the disk before the
 * other host is told, and goes when the other host's word has come. While it is there nothing of the container may run here.
 *
 * @param token what names the hand-over
 * @param remove whether the container is to be removed once it runs there
 */
record GivenAway(String token, boolean remove) {
    static Path file(ContainerPaths paths) {
        return paths.directory().resolve("given-away.json");
    }

    /** What an action script without its process reads, when somebody else has settled the matter. */
    static Path verdict(ContainerPaths paths) {
        return paths.runDirectory().resolve("verdict");
    }

    /** The action script that waits. As long as it is there, this process or another sees to the frozen tasks. */
    static Path gate(ContainerPaths paths) {
        return paths.runDirectory().resolve("gate");
    }

    void write(ContainerPaths paths) throws IOException {
        byte[] json =
                Json.pretty(Json.MAPPER.createObjectNode().put("token", token).put("remove", remove));
        Durable.writeAtomically(file(paths), json, ContainerStore.OWNER_ONLY);
    }

    static void delete(ContainerPaths paths) throws IOException {
        if (Files.deleteIfExists(file(paths))) {
            Durable.syncDirectory(paths.directory());
        }
    }

    /** What the note says of a container whose hand-over has not been settled. */
    static Optional<GivenAway> inDoubt(ContainerPaths paths, ContainerState state) throws IOException {
        boolean pending = state.pending()
                .filter(operation -> operation.kind() == PendingOperation.Kind.HAND_OVER)
                .isPresent();
        if (!pending || !Files.exists(file(paths))) {
            return Optional.empty();
        }
        JsonNode json = Json.readObject(file(paths));
        return Optional.of(
                new GivenAway(json.path("token").asText(), json.path("remove").asBoolean()));
    }

    /** What every other call is told meanwhile. */
    EngineException refusal(String name) {
        return new EngineException(
                EngineException.Code.IN_DOUBT,
                "container " + name + " is being handed over to another host (" + token
                        + "), and whether it runs there is in doubt: find out with ctr migrate ls, and settle it with ctr migrate"
                        + " resolve");
    }
}

package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A seccomp profile in the form of containers/common (pkg/seccomp) and Docker, which is made for many architectures and
 * sets of capabilities, and the OCI specification's form of it for one container.
 */
final class SeccompProfile {
    /** Where the distribution's package containers-common puts the profile, and where an administrator's own takes over. */
    private static final List<Path> INSTALLED =
            List.of(Path.of("/etc/containers/seccomp.json"), Path.of("/usr/share/containers/seccomp.json"));

    /** The words of the JVM for architectures, with those of Go and of libseccomp. */
    private static final Map<String, Architecture> ARCHITECTURES = Map.of(
            "amd64", new Architecture("amd64", "SCMP_ARCH_X86_64"),
            "aarch64", new Architecture("arm64", "SCMP_ARCH_AARCH64"),
            "ppc64le", new Architecture("ppc64le", "SCMP_ARCH_PPC64LE"),
            "s390x", new Architecture("s390x", "SCMP_ARCH_S390X"),
            "riscv64", new Architecture("riscv64", "SCMP_ARCH_RISCV64"));

    private record Architecture(String goName, String libseccompName) {}

    private final ObjectNode json;
    private final String origin;
    private final Architecture architecture;

    private SeccompProfile(ObjectNode json, String origin) {
        this.json = json;
        this.origin = origin;
        String machine = System.getProperty("os.arch", "");
        this.architecture = ARCHITECTURES.getOrDefault(machine, new Architecture(machine, ""));
    }

    /** The host's profile for containers; ctr's own, which is small, where none is installed. */
    static SeccompProfile standard() {
        try {
            for (Path file : INSTALLED) {
                if (Files.isReadable(file)) {
                    return new SeccompProfile(Json.readObject(file), file.toString());
                }
            }
            return builtIn();
        } catch (IOException e) {
            throw new EngineException(
                    EngineException.Code.IO, "cannot read the default seccomp profile: " + e.getMessage(), e);
        }
    }

    static SeccompProfile builtIn() {
        try (InputStream in = Objects.requireNonNull(SeccompProfile.class.getResourceAsStream("seccomp.json"))) {
            return new SeccompProfile(Json.parseObject(in.readAllBytes(), "ctr's seccomp profile"), "ctr");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @throws EngineException with INVALID_ARGUMENT if it cannot be read or is no JSON object */
    static SeccompProfile read(Path file) {
        try {
            return new SeccompProfile(Json.readObject(file), file.toString());
        } catch (NoSuchFileException e) {
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT,
                    "opening seccomp profile failed: open " + file + ": no such file or directory",
                    e);
        } catch (IOException e) {
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT, "opening seccomp profile failed: " + e.getMessage(), e);
        }
    }

    /**
     * The OCI specification's {@code linux.seccomp} for a container on this machine.
     *
     * @param capabilities the container's bounding set, such as {@code CAP_CHOWN}
     */
    ObjectNode forContainer(Set<String> capabilities) {
        if (!json.hasNonNull("defaultAction")) {
            throw invalid("it has no defaultAction");
        }
        ObjectNode oci =
                Json.object().put("defaultAction", json.path("defaultAction").asText());
        copy(json, oci, "defaultErrnoRet");
        ArrayNode architectures = architectures();
        if (!architectures.isEmpty()) {
            oci.set("architectures", architectures);
        }
        copy(json, oci, "flags");
        ArrayNode calls = oci.putArray("syscalls");
        for (JsonNode call : json.path("syscalls")) {
            if (applies(call, capabilities)) {
                calls.add(systemCalls(call));
            }
        }
        return oci;
    }

    private ArrayNode architectures() {
        boolean mapped = !json.path("archMap").isEmpty();
        if (mapped && !json.path("architectures").isEmpty()) {
            throw invalid("'architectures' and 'archMap' were specified in the seccomp profile, use either "
                    + "'architectures' or 'archMap'");
        }
        ArrayNode architectures = Json.MAPPER.createArrayNode();
        json.path("architectures").forEach(architectures::add);
        for (JsonNode entry : json.path("archMap")) {
            if (entry.path("architecture").asText().equals(architecture.libseccompName())) {
                architectures.add(architecture.libseccompName());
                entry.path("subArchitectures").forEach(architectures::add);
            }
        }
        return architectures;
    }

    private boolean applies(JsonNode call, Set<String> capabilities) {
        JsonNode excludes = call.path("excludes");
        JsonNode includes = call.path("includes");
        List<String> arches = Json.strings(includes.path("arches"));
        return !Json.strings(excludes.path("arches")).contains(architecture.goName())
                && Json.strings(excludes.path("caps")).stream().noneMatch(capabilities::contains)
                && (arches.isEmpty() || arches.contains(architecture.goName()))
                && capabilities.containsAll(Json.strings(includes.path("caps")))
                && isKernelAtLeast(includes.path("minKernel").asText(""))
                && (!excludes.hasNonNull("minKernel")
                        || !isKernelAtLeast(excludes.path("minKernel").asText()));
    }

    private static boolean isKernelAtLeast(String version) {
        if (version.isEmpty()) {
            return true;
        }
        int[] wanted = numbers(version);
        int[] present = numbers(System.getProperty("os.version", ""));
        return present[0] > wanted[0] || (present[0] == wanted[0] && present[1] >= wanted[1]);
    }

    private static int[] numbers(String version) {
        List<Integer> numbers = Stream.of(version.split("[^0-9]+"))
                .filter(part -> !part.isEmpty() && part.length() < 9)
                .map(Integer::valueOf)
                .toList();
        return new int[] {numbers.isEmpty() ? 0 : numbers.get(0), numbers.size() < 2 ? 0 : numbers.get(1)};
    }

    private ObjectNode systemCalls(JsonNode call) {
        boolean one = call.hasNonNull("name") && !call.path("name").asText().isEmpty();
        boolean several = !call.path("names").isEmpty();
        if (one == several) {
            throw invalid("'name' and 'names' were specified in the seccomp profile, use either 'name' or 'names'");
        }
        ObjectNode oci = Json.object();
        if (one) {
            oci.putArray("names").add(call.path("name").asText());
        } else {
            oci.set("names", call.path("names").deepCopy());
        }
        oci.put("action", call.path("action").asText());
        copy(call, oci, "errnoRet");
        if (!call.path("args").isEmpty()) {
            oci.set("args", call.path("args").deepCopy());
        }
        return oci;
    }

    private static void copy(JsonNode from, ObjectNode to, String key) {
        if (from.hasNonNull(key)) {
            to.set(key, from.path(key).deepCopy());
        }
    }

    private EngineException invalid(String why) {
        return new EngineException(
                EngineException.Code.INVALID_ARGUMENT, "loading seccomp profile (" + origin + ") failed: " + why);
    }
}

package dev.ctr.cli.host;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/**
 * Which ctr this is.
 *
 * @param version ctr's version, from the manifest of its jar
 * @param java the version of the Java it runs on
 * @param architecture the processor's architecture, as Go and OCI name it
 */
public record Version(String version, String java, String architecture) {
    private static final String NOT_PACKAGED = "development";

    /** That of the running program. */
    public static Version ofThis() {
        String packaged = Version.class.getPackage().getImplementationVersion();
        String machine = System.getProperty("os.arch", "");
        String architecture = switch (machine) {
            case "x86_64" -> "amd64";
            case "aarch64" -> "arm64";
            default -> machine;
        };
        return new Version(
                Optional.ofNullable(packaged).orElse(NOT_PACKAGED),
                System.getProperty("java.version", ""),
                architecture);
    }

    String toText() {
        return "Client:       ctr\n"
                + "Version:      " + version + "\n"
                + "Java Version: " + java + "\n"
                + "OS/Arch:      linux/" + architecture + "\n";
    }

    ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.putObject("Client")
                .put("Version", version)
                .put("JavaVersion", java)
                .put("OsArch", "linux/" + architecture)
                .put("Os", "linux");
        return json;
    }
}

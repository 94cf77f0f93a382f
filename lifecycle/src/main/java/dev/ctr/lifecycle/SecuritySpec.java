package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.regex.PatternSyntaxException;

/** What a container may do, in the OCI specification's words; libpod's choices. */
final class SecuritySpec {
    private static final String ANNOTATION = "io.podman.annotations.";
    private static final Path APPARMOR = Path.of("/sys/module/apparmor/parameters/enabled");

    private final SecurityOptions asked;
    private final boolean privileged;
    private final List<String> bounding;

    SecuritySpec(SecurityOptions asked, boolean privileged) {
        this.asked = asked;
        this.privileged = privileged;
        this.bounding = Capabilities.granted(privileged, asked.addedCapabilities, asked.droppedCapabilities);
    }

    /** @param user {@code USER[:GROUP]} that the container's program runs as; empty for root */
    void addTo(ObjectNode spec, String user) {
        ObjectNode process = spec.withObjectProperty("process");
        addCapabilities(process, user);
        if (asked.noNewPrivileges) {
            process.put("noNewPrivileges", true);
        }
        ObjectNode linux = spec.withObjectProperty("linux");
        ObjectNode annotations = spec.withObjectProperty("annotations");
        addSeccomp(linux, annotations);
        addAppArmor(process, annotations);
        if (!asked.labels.isEmpty()) {
            annotations.put(ANNOTATION + "label", String.join(",", asked.labels));
        }
        addPaths(linux);
    }

    /** A user other than root has only what was added for it; the rest is for programs with file capabilities. */
    private void addCapabilities(ObjectNode process, String user) {
        ObjectNode capabilities = process.putObject("capabilities");
        capabilities.set("bounding", Json.array(bounding));
        String name = user.split(":", 2)[0];
        boolean isRoot = name.isEmpty() || name.equals("root") || name.equals("0");
        if (isRoot || privileged) {
            capabilities.set("effective", Json.array(bounding));
            capabilities.set("permitted", Json.array(bounding));
            return;
        }
        List<String> own = Capabilities.added(asked.addedCapabilities);
        for (String set : List.of("effective", "inheritable", "permitted", "ambient")) {
            capabilities.set(set, Json.array(own));
        }
    }

    private void addSeccomp(ObjectNode linux, ObjectNode annotations) {
        String profile = asked.seccompProfile;
        if (profile != null) {
            annotations.put(ANNOTATION + "seccomp", profile);
        }
        boolean supported = ProcStatus.self("Seccomp").isPresent();
        if (SecurityOptions.UNCONFINED.equals(profile) || (privileged && profile == null) || !supported) {
            return;
        }
        SeccompProfile chosen = profile == null ? SeccompProfile.standard() : SeccompProfile.read(Path.of(profile));
        linux.set("seccomp", chosen.forContainer(new HashSet<>(bounding)));
    }

    private void addAppArmor(ObjectNode process, ObjectNode annotations) {
        String profile = asked.appArmorProfile;
        if (profile == null) {
            return;
        }
        annotations.put(ANNOTATION + "apparmor", profile);
        if (profile.equals(SecurityOptions.UNCONFINED)) {
            return;
        }
        if (!isAppArmorEnabled()) {
            throw invalid("apparmor profile \"" + profile + "\" specified, but Apparmor is not enabled on this system");
        }
        process.put("apparmorProfile", profile);
    }

    private static boolean isAppArmorEnabled() {
        try {
            return Files.isReadable(APPARMOR) && Files.readString(APPARMOR).startsWith("Y");
        } catch (IOException unreadable) {
            return false;
        }
    }

    private void addPaths(ObjectNode linux) {
        List<String> masked = new ArrayList<>(privileged ? List.of() : SpecMounts.MASKED_PATHS);
        List<String> readOnly = new ArrayList<>(privileged ? List.of() : SpecMounts.READ_ONLY_PATHS);
        for (String pattern : asked.unmasked) {
            if (pattern.toUpperCase(Locale.ROOT).equals("ALL")) {
                masked.clear();
                readOnly.clear();
            } else {
                PathMatcher matcher = matcher(pattern);
                masked.removeIf(path -> matcher.matches(Path.of(path)));
                readOnly.removeIf(path -> matcher.matches(Path.of(path)));
            }
        }
        for (String path : asked.masked) {
            if (!path.startsWith("/")) {
                throw invalid("invalid mask path \"" + path + "\": it must be absolute");
            }
            masked.add(path);
        }
        if (!masked.isEmpty()) {
            linux.set("maskedPaths", Json.array(masked));
        }
        if (!readOnly.isEmpty()) {
            linux.set("readonlyPaths", Json.array(readOnly));
        }
    }

    private static PathMatcher matcher(String pattern) {
        try {
            if (pattern.startsWith("/")) {
                return FileSystems.getDefault().getPathMatcher("glob:" + pattern);
            }
        } catch (PatternSyntaxException e) {
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT, "invalid unmask path \"" + pattern + "\"", e);
        }
        throw invalid("invalid unmask path \"" + pattern + "\": it must be absolute, or ALL");
    }

    private static EngineException invalid(String message) {
        return new EngineException(EngineException.Code.INVALID_ARGUMENT, message);
    }
}

package dev.ctr.lifecycle;

import dev.ctr.archive.ExtractionLimits;
import dev.ctr.archive.UnpackedArchive;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What this host grants to checkpoints that come from elsewhere: which of the things that an archive may ask for beyond an ordinary
 * container's, and how large it may be. Made from keys and values, as in a policy file; immutable.
 */
public final class RestorePolicy {
    /** Host directories that may be mounted, with what is below them. */
    static final String HOST_PATHS = "host-paths";

    static final String FILE_SYSTEMS = "file-systems";
    static final String MOUNT_PROPAGATION = "mount-propagation";
    static final String WRITABLE_KERNEL_MOUNTS = "writable-kernel-mounts";
    static final String UNMASKED_PATHS = "unmasked-paths";
    static final String HOOKS = "hooks";
    static final String DEVICES = "devices";
    static final String CAPABILITIES = "capabilities";
    static final String HOST_NAMESPACES = "host-namespaces";
    static final String NAMESPACE_PATHS = "namespace-paths";
    static final String SYSCTLS = "sysctls";
    static final String ANNOTATIONS = "annotations";
    static final String REQUIRE_SECCOMP = "require-seccomp";
    static final String REQUIRE_MANIFEST = "require-manifest";
    static final String MAX_SIZE = "max-size";
    static final String MAX_ENTRIES = "max-entries";
    static final String MISSING_CPU_FEATURES = "missing-cpu-features";
    static final String OLDER_CRIU = "older-criu";
    static final String UNCONFINED_PROCESSES = "unconfined-processes";
    static final String UNCHECKED_IMAGES = "unchecked-images";

    /** The word for what any host grants. */
    static final String ORDINARY = "ordinary";

    /** The word for everything. */
    static final String ALL = "all";

    /** The keys, each with its value when nothing is said. */
    private static final Map<String, String> DEFAULTS = new TreeMap<>(Map.ofEntries(
            Map.entry(HOST_PATHS, ORDINARY),
            Map.entry(FILE_SYSTEMS, ORDINARY),
            Map.entry(MOUNT_PROPAGATION, "false"),
            Map.entry(WRITABLE_KERNEL_MOUNTS, "false"),
            Map.entry(UNMASKED_PATHS, ""),
            Map.entry(HOOKS, "false"),
            Map.entry(DEVICES, ""),
            Map.entry(CAPABILITIES, ORDINARY),
            Map.entry(HOST_NAMESPACES, "network"),
            Map.entry(NAMESPACE_PATHS, ""),
            Map.entry(SYSCTLS, ORDINARY),
            Map.entry(ANNOTATIONS, ""),
            Map.entry(REQUIRE_SECCOMP, "false"),
            Map.entry(REQUIRE_MANIFEST, "false"),
            Map.entry(MAX_SIZE, "16t"),
            Map.entry(MAX_ENTRIES, "1000000"),
            Map.entry(MISSING_CPU_FEATURES, ""),
            Map.entry(OLDER_CRIU, "false"),
            Map.entry(UNCONFINED_PROCESSES, "false"),
            Map.entry(UNCHECKED_IMAGES, "false")));

    private static final Pattern SIZE = Pattern.compile("(\\d{1,9})([kmgt]?)(?:i?b)?", Pattern.CASE_INSENSITIVE);

    /** What a host grants whose administrator says nothing. */
    public static final RestorePolicy DEFAULT = of(Map.of());

    private final Map<String, String> values;

    private RestorePolicy(Map<String, String> values) {
        this.values = values;
    }

    /** The keys that a policy file may have. */
    public static List<String> keys() {
        return List.copyOf(DEFAULTS.keySet());
    }

    /**
     * A policy that says something of its own for some keys. Lists are separated by commas.
     *
     * @throws EngineException with INVALID_ARGUMENT if a key is not known or a value is none for it
     */
    public static RestorePolicy of(Map<String, String> given) {
        Map<String, String> values = new TreeMap<>(DEFAULTS);
        given.forEach((key, value) -> {
            if (values.put(key, value.strip()) == null) {
                throw invalid("a restore policy has no key \"" + key + "\"");
            }
        });
        RestorePolicy policy = new RestorePolicy(values);
        DEFAULTS.forEach((key, usual) -> {
            if (usual.equals("false")) {
                policy.is(key);
            }
        });
        policy.maxBytes();
        policy.maxEntries();
        return policy;
    }

    /** The same, but an archive without a manifest is refused. */
    public RestorePolicy requiringManifest() {
        Map<String, String> others = new TreeMap<>(values);
        others.put(REQUIRE_MANIFEST, "true");
        return new RestorePolicy(others);
    }

    /** @throws EngineException with REFUSED_BY_POLICY if an archive has no manifest and one is required */
    void requireManifest(UnpackedArchive archive) {
        if (archive.manifest().isEmpty() && is(REQUIRE_MANIFEST)) {
            throw new EngineException(
                    EngineException.Code.REFUSED_BY_POLICY,
                    archive.source()
                            + " has no manifest, and one is required: nobody can tell whether it is as it was written");
        }
    }

    boolean is(String key) {
        return switch (value(key)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw invalid("the policy's " + key + " is \"" + value(key) + "\": it must be true or false");
        };
    }

    List<String> list(String key) {
        return Arrays.stream(value(key).split(",", -1))
                .map(String::strip)
                .filter(word -> !word.isEmpty())
                .toList();
    }

    /** Whether a list has this word, or the one for everything. */
    boolean lists(String key, String word) {
        List<String> words = list(key);
        return words.contains(word) || words.contains(ALL);
    }

    /** Whether a list has this word, or one that ends in a star and begins like it, or the one for everything. */
    boolean listsLike(String key, String word) {
        return list(key).stream()
                .anyMatch(known -> known.equals(ALL)
                        || known.equals(word)
                        || (known.endsWith("*") && word.startsWith(known.substring(0, known.length() - 1))));
    }

    /** How many bytes an archive may unpack to. */
    long maxBytes() {
        Matcher size = SIZE.matcher(value(MAX_SIZE));
        if (!size.matches() || Long.parseLong(size.group(1)) == 0) {
            throw invalid(
                    "the policy's " + MAX_SIZE + " is \"" + value(MAX_SIZE) + "\": it must be a size such as 100g");
        }
        int power = " kmgt"
                .indexOf(
                        size.group(2).isEmpty()
                                ? ' '
                                : Character.toLowerCase(size.group(2).charAt(0)));
        return Math.multiplyExact(Long.parseLong(size.group(1)), 1L << (10 * power));
    }

    /** How large an archive may be unpacked. */
    ExtractionLimits limits() {
        return new ExtractionLimits(maxBytes(), maxEntries());
    }

    /** How large the root file system's changes, a volume or /dev/shm may be unpacked. */
    ExtractionLimits limitsOfTrees() {
        return new ExtractionLimits(maxBytes(), ExtractionLimits.GENEROUS.maxEntries());
    }

    /** How many files an archive may unpack to. */
    long maxEntries() {
        return Optional.of(value(MAX_ENTRIES))
                .filter(text -> text.matches("[1-9]\\d{0,8}"))
                .map(Long::parseLong)
                .orElseThrow(() -> invalid("the policy's " + MAX_ENTRIES + " is \"" + value(MAX_ENTRIES)
                        + "\": it must be a number from 1 on"));
    }

    private String value(String key) {
        return values.getOrDefault(key, "");
    }

    private static EngineException invalid(String message) {
        return new EngineException(EngineException.Code.INVALID_ARGUMENT, message);
    }

    /**
     * The refusal of a wish that the policy does not grant.
     *
     * @param wish what the container does, as the end of a sentence
     * @param how what the policy would have to say, beginning with the key
     */
    static EngineException refused(String wish, String how) {
        return refused(wish + "; a policy with " + how + " would allow it");
    }

    /** The refusal of a wish that no policy grants. */
    static EngineException refused(String wish) {
        // What the archive calls things may have anything in it, but does not get to a terminal.
        String printable = wish.replaceAll("\\p{Cntrl}", "?");
        return new EngineException(
                EngineException.Code.REFUSED_BY_POLICY, "this host does not restore a container that " + printable);
    }
}

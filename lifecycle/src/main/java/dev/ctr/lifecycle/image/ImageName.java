package dev.ctr.lifecycle.image;

import dev.ctr.lifecycle.EngineException;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The full name of an image, {@code REGISTRY/PATH:TAG}, such as {@code localhost/bb:latest}. The grammar is the one of
 * the distribution project's references, which podman and docker share.
 *
 * @param repository registry and path, {@code localhost/bb}
 * @param tag {@code latest}
 */
public record ImageName(String repository, String tag) {
    private static final String DEFAULT_TAG = "latest";
    private static final String LOCALHOST = "localhost";
    private static final String DOCKER = "docker.io";
    private static final int MAX_REPOSITORY = 255;

    private static final String DOMAIN_LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?";
    private static final Pattern REGISTRY =
            Pattern.compile("(?:" + DOMAIN_LABEL + "(?:\\." + DOMAIN_LABEL + ")*|\\[[0-9a-fA-F:]+\\])(?::[0-9]{1,5})?");
    private static final String COMPONENT = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
    private static final Pattern PATH = Pattern.compile(COMPONENT + "(?:/" + COMPONENT + ")*");
    private static final Pattern TAG = Pattern.compile("\\w[\\w.-]{0,127}");

    public ImageName {
        int slash = repository.indexOf('/');
        if (slash < 0
                || !REGISTRY.matcher(repository.substring(0, slash)).matches()
                || !PATH.matcher(repository.substring(slash + 1)).matches()
                || repository.length() > MAX_REPOSITORY
                || !TAG.matcher(tag).matches()) {
            throw invalid(repository + ":" + tag);
        }
    }

    /**
     * Reads a name as somebody gives it to an image of this host: without a registry it is {@code localhost}'s, without a
     * tag it is {@code latest}.
     *
     * @throws EngineException with {@code INVALID_ARGUMENT} when it is not a name
     */
    public static ImageName of(String text) {
        Parts parts = Parts.of(text);
        return parts.hasRegistry() ? parts.qualified(text) : parts.in(LOCALHOST + "/", text);
    }

    /**
     * Reads a name as it stands in a docker archive: without a registry it is {@code docker.io}'s.
     *
     * @throws EngineException with {@code INVALID_ARGUMENT} when it is not a name
     */
    static ImageName ofDocker(String text) {
        Parts parts = Parts.of(text);
        if (parts.hasRegistry()) {
            return parts.qualified(text);
        }
        return parts.in(parts.repository().contains("/") ? DOCKER + "/" : DOCKER + "/library/", text);
    }

    /**
     * Reads a name to ask a registry for.
     *
     * @throws EngineException with {@code INVALID_ARGUMENT} when it is not a name or does not say which registry
     */
    static ImageName ofRegistry(String text) {
        Parts parts = Parts.of(text);
        if (!parts.hasRegistry()) {
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT,
                    "\"" + text + "\" does not say in which registry the image is: write it in full, such as " + DOCKER
                            + "/library/" + text);
        }
        return parts.qualified(text);
    }

    String registry() {
        return repository.substring(0, repository.indexOf('/'));
    }

    /** {@code REGISTRY/PATH:TAG}. */
    @Override
    public String toString() {
        return repository + ":" + tag;
    }

    private static EngineException invalid(String text) {
        String why = text.equals(text.toLowerCase(Locale.ROOT))
                ? "invalid reference format: expected [REGISTRY/]PATH[:TAG]"
                : "invalid reference format: the repository name must be lower-case";
        return new EngineException(
                EngineException.Code.INVALID_ARGUMENT, "cannot use \"" + text + "\" as the name of an image: " + why);
    }

    /** What was typed, cut at the tag. */
    record Parts(String repository, String tag) {
        static Parts of(String text) {
            int colon = text.lastIndexOf(':');
            boolean tagged = colon > text.lastIndexOf('/');
            return new Parts(
                    tagged ? text.substring(0, colon) : text, tagged ? text.substring(colon + 1) : DEFAULT_TAG);
        }

        boolean hasRegistry() {
            int slash = repository.indexOf('/');
            if (slash < 0) {
                return false;
            }
            String first = repository.substring(0, slash);
            return first.equals(LOCALHOST) || first.indexOf('.') >= 0 || first.indexOf(':') >= 0;
        }

        private ImageName in(String prefix, String text) {
            try {
                return new ImageName(prefix + repository, tag);
            } catch (EngineException e) {
                throw invalid(text);
            }
        }

        private ImageName qualified(String text) {
            boolean shortDocker =
                    repository.startsWith(DOCKER + "/") && repository.indexOf('/', DOCKER.length() + 1) < 0;
            if (shortDocker) {
                return new Parts(repository.substring(DOCKER.length() + 1), tag).in(DOCKER + "/library/", text);
            }
            return in("", text);
        }
    }
}

package dev.ctr.lifecycle.image;

import dev.ctr.lifecycle.EngineException;
import java.util.List;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Finds an image by what a person typed. A name is tried as it stands, then as one of this host, then as the end of a name in
 * any registry; then it is tried as an ID or the beginning of one.
 */
final class ImageLookup {
    private static final String ALGORITHM = "sha256:";
    private static final Pattern ID_PREFIX = Pattern.compile("[0-9a-f]{3,64}");

    private final List<ImageIndex.Entry> images;

    ImageLookup(ImageIndex index) {
        this.images = index.entries();
    }

    /** What was found; {@code names} are those of the image's names that were meant, none when it was found by ID. */
    record Match(ImageIndex.Entry entry, List<ImageName> names) {}

    /** @throws EngineException with {@code INVALID_ARGUMENT} when more than one image is meant */
    Optional<Match> find(String text) {
        String typed = RegistryReference.withoutTransport(text);
        if (typed.startsWith(ALGORITHM)) {
            return byId(typed, typed.substring(ALGORITHM.length()));
        }
        int at = typed.indexOf('@');
        Optional<Match> named = at >= 0 ? byDigest(typed, at) : byName(typed);
        return named.isPresent() ? named : byId(typed, typed);
    }

    private Optional<Match> byName(String typed) {
        ImageName.Parts parts = ImageName.Parts.of(typed);
        List<String> exact = List.of(parts.repository(), "localhost/" + parts.repository());
        for (String repository : exact) {
            Optional<Match> match = named(
                    typed,
                    (name, entry) ->
                            name.tag().equals(parts.tag()) && name.repository().equals(repository));
            if (match.isPresent()) {
                return match;
            }
        }
        return named(
                typed,
                (name, entry) -> name.tag().equals(parts.tag()) && endsWith(name.repository(), parts.repository()));
    }

    /** {@code NAME@sha256:DIGEST}; a tag in the name does not matter. One that was pulled so has no name. */
    private Optional<Match> byDigest(String typed, int at) {
        String repository = ImageName.Parts.of(typed.substring(0, at)).repository();
        String digest = typed.substring(at + 1);
        Optional<Match> named = named(
                typed,
                (name, entry) -> endsWith(name.repository(), repository)
                        && entry.manifest().digest().toString().equals(digest));
        return named.isPresent() ? named : nameless(digest);
    }

    private Optional<Match> nameless(String digest) {
        return images.stream()
                .filter(image -> image.names().isEmpty()
                        && image.manifest().digest().toString().equals(digest))
                .map(image -> new Match(image, List.of()))
                .findFirst();
    }

    private static boolean endsWith(String repository, String end) {
        return repository.equals(end) || (!end.isEmpty() && repository.endsWith("/" + end));
    }

    private Optional<Match> named(String typed, BiPredicate<ImageName, ImageIndex.Entry> wanted) {
        List<Match> matches = images.stream()
                .map(image -> new Match(
                        image,
                        image.names().stream()
                                .filter(name -> wanted.test(name, image))
                                .toList()))
                .filter(match -> !match.names().isEmpty())
                .toList();
        return only(typed, matches);
    }

    private Optional<Match> byId(String typed, String prefix) {
        if (!ID_PREFIX.matcher(prefix).matches()) {
            return Optional.empty();
        }
        List<Match> matches = images.stream()
                .filter(image -> image.id().hex().startsWith(prefix))
                .map(image -> new Match(image, List.of()))
                .toList();
        return only(typed, matches);
    }

    private static Optional<Match> only(String typed, List<Match> matches) {
        if (matches.size() > 1) {
            String candidates = matches.stream()
                    .map(match -> match.names().isEmpty()
                            ? match.entry().id().abbreviated()
                            : match.names().get(0).toString())
                    .sorted()
                    .collect(Collectors.joining(", "));
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT,
                    "\"" + typed + "\" means more than one image: " + candidates + "; say which one in full");
        }
        return matches.stream().findFirst();
    }
}

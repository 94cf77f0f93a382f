package dev.ctr.lifecycle.image;

import java.util.List;

/** Says in one sentence what the matter is with a registry, where skopeo says it in a chain of Go's errors. */
final class RegistryFailure {
    /** A part of skopeo's message, and what it means. */
    private record Meaning(String part, String sentence) {}

    private static final List<Meaning> MEANINGS = List.of(
            new Meaning("no such host", "there is no host of the registry's name"),
            new Meaning("connection refused", "the registry does not answer"),
            new Meaning("i/o timeout", "the registry does not answer"),
            new Meaning("no route to host", "the registry cannot be reached"),
            new Meaning("network is unreachable", "the registry cannot be reached"),
            new Meaning(
                    "HTTP response to HTTPS client",
                    "the registry does not speak HTTPS; if that is meant to be so, give --tls-verify=false"),
            new Meaning(
                    "x509:",
                    "the registry's certificate is not trusted; give the directory with its CA's certificate by --cert-dir"),
            new Meaning("invalid username/password", "the registry does not accept this user and password"),
            new Meaning(
                    "authentication required",
                    "the registry wants a login, or does not accept this one; give --creds USER:PASSWORD or run ctr login"),
            new Meaning("access to the resource is denied", "the registry does not allow this user to do so"),
            new Meaning("manifest unknown", "the registry has no such image"),
            new Meaning("name unknown", "the registry has no such image"),
            new Meaning("no image found in", "the image is not for this platform"));

    private RegistryFailure() {}

    /** The meaning and, in brackets, the message from where it matters; the message alone where no meaning is known. */
    static String sentence(String message) {
        return MEANINGS.stream()
                .filter(meaning -> message.contains(meaning.part()))
                .findFirst()
                .map(meaning -> meaning.sentence() + " (" + decisive(message, meaning.part()) + ")")
                .orElse(message);
    }

    /** The link of the chain that says it, and those after it. */
    private static String decisive(String message, String part) {
        int at = message.indexOf(part);
        int link = message.lastIndexOf(": ", at);
        return link < 0 ? message : message.substring(link + 2);
    }
}

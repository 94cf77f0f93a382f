package dev.ctr.lifecycle.image;

/** This host in the words that images use, which are Go's. */
final class Platform {

    static String architecture() {
        String name = System.getProperty("os.arch", "");
        return switch (name) {
            case "x86_64" -> "amd64";
            case "aarch64" -> "arm64";
            case "i386", "x86" -> "386";
            default -> name;
        };
    }

    private Platform() {}
}

package dev.ctr.lifecycle.image;

/**
 * How to talk to a registry.
 *
 * @param tlsVerify whether to insist on HTTPS with a valid certificate
 * @param credentials {@code USER:PASSWORD}; empty to use the authentication file
 * @param authFile a file as {@code podman login} writes it; empty for podman's usual place
 */
public record RegistryOptions(boolean tlsVerify, String credentials, String authFile) {
    /** HTTPS, and whatever the person has logged in with. */
    public static final RegistryOptions DEFAULT = new RegistryOptions(true, "", "");

    /** Leaves out the password. */
    @Override
    public String toString() {
        return "RegistryOptions[tlsVerify=" + tlsVerify + ", authFile=" + authFile + "]";
    }
}

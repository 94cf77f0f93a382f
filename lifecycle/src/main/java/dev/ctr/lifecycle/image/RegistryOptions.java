package dev.ctr.lifecycle.image;

/**
 * How to talk to a registry.
 *
 * @param tlsVerify whether to insist on HTTPS with a valid certificate
 * @param credentials {@code USER:PASSWORD}; empty to use the authentication file
 * @param authFile a file as {@code podman login} writes it; empty for podman's usual place
 * @param certDirectory a directory with {@code *.crt} of the CAs to trust, and {@code *.cert} and {@code *.key} of a client
 *     (containers-certs.d(5)); empty for the system's
 */
public record RegistryOptions(boolean tlsVerify, String credentials, String authFile, String certDirectory) {
    /** HTTPS, and whatever the person has logged in with. */
    public static final RegistryOptions DEFAULT = new RegistryOptions(true, "", "", "");

    /** Without a directory of certificates. */
    public RegistryOptions(boolean tlsVerify, String credentials, String authFile) {
        this(tlsVerify, credentials, authFile, "");
    }

    /** Leaves out the password. */
    @Override
    public String toString() {
        return "RegistryOptions[tlsVerify=" + tlsVerify + ", authFile=" + authFile + ", certDirectory=" + certDirectory
                + "]";
    }
}

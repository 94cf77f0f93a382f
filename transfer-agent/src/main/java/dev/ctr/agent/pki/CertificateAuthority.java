package dev.ctr.agent.pki;

import dev.ctr.agent.AgentException;
import dev.ctr.agent.AgentException.Reason;
import dev.ctr.agent.Identity;
import dev.ctr.agent.PemFile;
import dev.ctr.criu.linux.Durable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A certificate authority in a directory: {@code ca.crt} and {@code ca.key}, and beside them {@code NAME.crt} and
 * {@code NAME.key} for every agent. Keys are on the curve P-256 and readable by their owner only. A file appears whole or
 * not at all; a certificate appears after its key.
 */
public final class CertificateAuthority {
    /** How long an authority's certificate is valid. */
    public static final Duration AUTHORITY_VALIDITY = Duration.ofDays(3650);

    /** How long an agent's certificate is valid. */
    public static final Duration AGENT_VALIDITY = Duration.ofDays(365);

    private static final Set<PosixFilePermission> SECRET = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> PUBLIC = PosixFilePermissions.fromString("rw-r--r--");
    private static final Set<PosixFilePermission> OWNERS_DIRECTORY = PosixFilePermissions.fromString("rwx------");
    private static final int LINE = 64;

    private final Path directory;

    private CertificateAuthority(Path directory) {
        this.directory = directory;
    }

    /**
     * Makes an authority in a directory, which is made if it does not exist.
     *
     * @throws AgentException with CONFIGURATION if there is one already, or a file cannot be written
     */
    public static CertificateAuthority init(Path directory) {
        CertificateAuthority authority = new CertificateAuthority(directory);
        refuseExisting(authority.certificate("ca"), "every certificate that it issued would lose its worth");
        writing(directory, () -> {
            if (!Files.isDirectory(directory)) {
                Files.createDirectories(directory, PosixFilePermissions.asFileAttribute(OWNERS_DIRECTORY));
            }
            KeyPair keys = CertificateWriter.newKeys();
            X509Certificate certificate = CertificateWriter.authority(keys, Instant.now(), AUTHORITY_VALIDITY);
            authority.write("ca", keys.getPrivate(), certificate);
        });
        return authority;
    }

    /**
     * The authority in a directory.
     *
     * @throws AgentException with CONFIGURATION if there is none
     */
    public static CertificateAuthority in(Path directory) {
        CertificateAuthority authority = new CertificateAuthority(directory);
        if (!Files.exists(authority.certificate("ca")) || !Files.exists(authority.key("ca"))) {
            throw new AgentException(
                    Reason.CONFIGURATION,
                    "there is no certificate authority in " + directory + ": `ctr agent pki init " + directory
                            + "` makes one");
        }
        return authority;
    }

    /**
     * Issues a certificate for an agent, valid from now for {@link #AGENT_VALIDITY} or as long as the authority's.
     *
     * @param name what its files are called, and its first name
     * @param others further DNS names and IP addresses
     * @param replace whether it may take the place of one with this name, which is how one is renewed
     * @return where it is
     * @throws AgentException with CONFIGURATION if a name makes no sense or is taken, or a file cannot be read or written
     */
    public Identity issue(String name, List<String> others, boolean replace) {
        return issue(name, others, replace, Instant.now(), AGENT_VALIDITY);
    }

    /** As {@link #issue(String, List, boolean)} for a time of one's own. */
    public Identity issue(String name, List<String> others, boolean replace, Instant from, Duration validity) {
        List<SubjectName> names = names(name, others);
        if (name.equals("ca")) {
            throw new AgentException(Reason.CONFIGURATION, "\"ca\" is the authority's own name");
        }
        if (!replace) {
            refuseExisting(certificate(name), "--force replaces it");
        }
        X509Certificate issuer = PemFile.certificates(certificate("ca")).get(0);
        PrivateKey issuerKey = PemFile.privateKey(key("ca"));
        writing(directory, () -> {
            KeyPair keys = CertificateWriter.newKeys();
            X509Certificate certificate =
                    CertificateWriter.agent(keys.getPublic(), names, from, validity, issuer, issuerKey);
            write(name, keys.getPrivate(), certificate);
        });
        return new Identity(certificate(name), key(name), certificate("ca"));
    }

    private static List<SubjectName> names(String name, List<String> others) {
        try {
            return Stream.concat(Stream.of(name), others.stream())
                    .map(SubjectName::parse)
                    .distinct()
                    .toList();
        } catch (IllegalArgumentException e) {
            throw new AgentException(Reason.CONFIGURATION, String.valueOf(e.getMessage()), e);
        }
    }

    private static void refuseExisting(Path certificate, String why) {
        if (Files.exists(certificate)) {
            throw new AgentException(Reason.CONFIGURATION, certificate + " exists already: " + why);
        }
    }

    private void write(String name, PrivateKey key, X509Certificate certificate)
            throws IOException, GeneralSecurityException {
        Durable.writeAtomically(key(name), pem("PRIVATE KEY", key.getEncoded()), SECRET);
        Durable.writeAtomically(certificate(name), pem("CERTIFICATE", certificate.getEncoded()), PUBLIC);
    }

    private static byte[] pem(String what, byte[] content) {
        String body = Base64.getMimeEncoder(LINE, new byte[] {'\n'}).encodeToString(content);
        return ("-----BEGIN " + what + "-----\n" + body + "\n-----END " + what + "-----\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    private Path certificate(String name) {
        return directory.resolve(name + ".crt");
    }

    private Path key(String name) {
        return directory.resolve(name + ".key");
    }

    private interface Step {
        void run() throws IOException, GeneralSecurityException;
    }

    private static void writing(Path directory, Step step) {
        try {
            step.run();
        } catch (IOException e) {
            throw new AgentException(Reason.CONFIGURATION, "cannot write into " + directory + ": " + e.getMessage(), e);
        } catch (GeneralSecurityException e) {
            throw new AgentException(Reason.CONFIGURATION, "cannot make a certificate: " + e.getMessage(), e);
        }
    }
}

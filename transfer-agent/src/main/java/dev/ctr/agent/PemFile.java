package dev.ctr.agent;

import dev.ctr.agent.AgentException.Reason;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads certificates and keys from PEM files (RFC 7468). Every failure names the file. */
public final class PemFile {
    private static final Pattern PRIVATE_KEY =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]*)-----END PRIVATE KEY-----");
    private static final List<String> KEY_ALGORITHMS = List.of("EC", "RSA", "Ed25519");
    private static final long LARGEST_BYTES = 1 << 20;

    private PemFile() {}

    /**
     * The certificates in a file, in their order; at least one.
     *
     * @throws AgentException with CONFIGURATION
     */
    public static List<X509Certificate> certificates(Path file) {
        byte[] content = read(file);
        try {
            List<X509Certificate> certificates =
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(new ByteArrayInputStream(content))
                            .stream()
                            .map(X509Certificate.class::cast)
                            .toList();
            if (certificates.isEmpty()) {
                throw bad(file, "it holds no certificate");
            }
            return certificates;
        } catch (CertificateException e) {
            throw new AgentException(
                    Reason.CONFIGURATION, "cannot use " + file + ": it is not a certificate in PEM form", e);
        }
    }

    /**
     * The private key in a file.
     *
     * @throws AgentException with CONFIGURATION
     */
    public static PrivateKey privateKey(Path file) {
        String text = new String(read(file), StandardCharsets.ISO_8859_1);
        Matcher key = PRIVATE_KEY.matcher(text);
        if (!key.find()) {
            throw bad(
                    file,
                    text.contains("PRIVATE KEY-----")
                            ? "its private key is encrypted or in an old form; `openssl pkcs8 -topk8 -nodes` makes one of use"
                            : "it holds no private key in PEM form");
        }
        return decode(file, Base64.getMimeDecoder().decode(key.group(1)));
    }

    private static PrivateKey decode(Path file, byte[] pkcs8) {
        GeneralSecurityException lastFailure = new InvalidKeySpecException("no such kind of key");
        for (String algorithm : KEY_ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
            } catch (InvalidKeySpecException e) {
                lastFailure = e;
            } catch (GeneralSecurityException e) {
                throw new AgentException(Reason.CONFIGURATION, "cannot use " + file + ": " + e.getMessage(), e);
            }
        }
        throw new AgentException(
                Reason.CONFIGURATION,
                "cannot use " + file + ": its private key is damaged, or neither of an elliptic curve nor RSA",
                lastFailure);
    }

    private static byte[] read(Path file) {
        try {
            if (Files.size(file) > LARGEST_BYTES) {
                throw bad(file, "it is too large for a certificate or key");
            }
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new AgentException(Reason.CONFIGURATION, "cannot use " + file + ": there is no such file", e);
        } catch (IOException e) {
            throw new AgentException(Reason.CONFIGURATION, "cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    private static AgentException bad(Path file, String why) {
        return new AgentException(Reason.CONFIGURATION, "cannot use " + file + ": " + why);
    }
}

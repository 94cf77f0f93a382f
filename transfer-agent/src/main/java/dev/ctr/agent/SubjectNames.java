package dev.ctr.agent;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** The names that a certificate gives its owner: DNS names and IP addresses in its subjectAltName (RFC 5280, 4.2.1.6). */
final class SubjectNames {
    private static final Set<Integer> DNS_OR_IP = Set.of(2, 7);

    /** Names are shown and logged, and a certificate that is refused may say anything. */
    private static final Pattern NOT_IN_A_NAME = Pattern.compile("[^!-~]");

    private static final int MOST = 64;

    private SubjectNames() {}

    /** The first 64, in the certificate's order; empty if it has none or they cannot be read. */
    static List<String> of(X509Certificate certificate) {
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            return names == null
                    ? List.of()
                    : names.stream()
                            .filter(name -> name.get(0) instanceof Integer kind && DNS_OR_IP.contains(kind))
                            .map(name -> NOT_IN_A_NAME
                                    .matcher(String.valueOf(name.get(1)))
                                    .replaceAll("?"))
                            .limit(MOST)
                            .toList();
        } catch (CertificateParsingException e) {
            return List.of();
        }
    }

    /** Those of the other side of a connection; empty without one. */
    static List<String> of(@Nullable SSLSession session) {
        try {
            return session != null && session.getPeerCertificates()[0] instanceof X509Certificate own
                    ? of(own)
                    : List.of();
        } catch (SSLPeerUnverifiedException e) {
            return List.of();
        }
    }
}

package dev.ctr.agent;

import dev.ctr.agent.AgentException.Reason;
import io.grpc.netty.shaded.io.netty.handler.ssl.OpenSslCertificateException;
import java.net.Socket;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Judges the other side's certificate during the handshake and tells apart why one is refused: first authority and time,
 * then, for a server's, the name.
 */
final class PeerTrust extends X509ExtendedTrustManager {
    /** Numbers of X509_V_ERR_… in OpenSSL's x509_vfy.h. */
    private static final int X509_HAS_EXPIRED = 10;

    private static final int X509_UNKNOWN_ISSUER = 20;
    private static final int X509_OTHER_HOST = 62;

    private final Credentials credentials;

    PeerTrust(Credentials credentials) {
        this.credentials = credentials;
    }

    private interface Check {
        void run(X509ExtendedTrustManager authority) throws CertificateException;
    }

    private void check(X509Certificate[] chain, Check check) throws CertificateException {
        X509ExtendedTrustManager authority = credentials.now().authority();
        try {
            check.run(authority);
        } catch (CertificateException e) {
            throw refused(chain, e);
        }
    }

    private static CertificateException refused(X509Certificate[] chain, CertificateException cause) {
        String whose = "the certificate of " + SubjectNames.of(chain[0]);
        return isOutOfTime(cause)
                ? alert(
                        X509_HAS_EXPIRED,
                        Reason.EXPIRED,
                        whose + " is valid from " + chain[0].getNotBefore().toInstant() + " to "
                                + chain[0].getNotAfter().toInstant(),
                        cause)
                : alert(
                        X509_UNKNOWN_ISSUER,
                        Reason.UNTRUSTED,
                        whose + " was not issued by an authority that is known here, or not for this use",
                        cause);
    }

    private static boolean isOutOfTime(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertPathValidatorException invalid
                    && (invalid.getReason() == BasicReason.EXPIRED
                            || invalid.getReason() == BasicReason.NOT_YET_VALID)) {
                return true;
            }
        }
        return false;
    }

    private static CertificateException wrongName(X509Certificate[] chain, @Nullable String host, Exception cause) {
        return alert(
                X509_OTHER_HOST,
                Reason.WRONG_NAME,
                "the certificate there is for " + SubjectNames.of(chain[0]) + " and not for " + host,
                cause);
    }

    /** BoringSSL tells the other side by its own numbers; for the JDK this is an exception like any other. */
    private static CertificateException alert(int number, Reason reason, String sentence, Exception cause) {
        return new OpenSslCertificateException(sentence, new RefusedCertificate(reason, sentence, cause), number);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String kind, SSLEngine engine) throws CertificateException {
        check(chain, authority -> authority.checkClientTrusted(chain, kind));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String kind, SSLEngine engine) throws CertificateException {
        check(chain, authority -> authority.checkServerTrusted(chain, kind));
        try {
            credentials.now().authority().checkServerTrusted(chain, kind, engine);
        } catch (CertificateException e) {
            throw wrongName(chain, engine.getPeerHost(), e);
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String kind, Socket socket) throws CertificateException {
        check(chain, authority -> authority.checkClientTrusted(chain, kind));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String kind, Socket socket) throws CertificateException {
        check(chain, authority -> authority.checkServerTrusted(chain, kind, socket));
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String kind) throws CertificateException {
        check(chain, authority -> authority.checkClientTrusted(chain, kind));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String kind) throws CertificateException {
        check(chain, authority -> authority.checkServerTrusted(chain, kind));
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return credentials.now().authority().getAcceptedIssuers();
    }
}

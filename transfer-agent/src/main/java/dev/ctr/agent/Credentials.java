package dev.ctr.agent;

import dev.ctr.agent.AgentException.Reason;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * What was last read from the files of an {@link Identity}. {@link #reload} takes what they hold now; handshakes after that
 * use it, connections that exist go on. May be used by any thread.
 */
final class Credentials {
    private static final String ALIAS = "own";

    private final Identity files;
    private volatile Loaded loaded;

    /**
     * @param certificates the own one first
     * @param authority judges certificates by the authority's
     */
    record Loaded(List<X509Certificate> certificates, PrivateKey key, X509ExtendedTrustManager authority) {
        X509Certificate own() {
            return certificates.get(0);
        }
    }

    private Credentials(Identity files, Loaded loaded) {
        this.files = files;
        this.loaded = loaded;
    }

    /**
     * Reads the files.
     *
     * @throws AgentException with CONFIGURATION if one cannot be used, or they do not belong together
     */
    static Credentials read(Identity files) {
        return new Credentials(files, load(files));
    }

    /**
     * Reads the files again; if they cannot be used now, what was read before stays.
     *
     * @throws AgentException as {@link #read}
     */
    void reload() {
        loaded = load(files);
    }

    Identity files() {
        return files;
    }

    Loaded now() {
        return loaded;
    }

    private static Loaded load(Identity files) {
        List<X509Certificate> certificates = PemFile.certificates(files.certificate());
        PrivateKey key = PemFile.privateKey(files.key());
        X509Certificate own = certificates.get(0);
        if (!belongTogether(own, key)) {
            throw new AgentException(
                    Reason.CONFIGURATION,
                    "the private key in " + files.key() + " does not belong to the certificate in "
                            + files.certificate());
        }
        checkTime(files, own);
        return new Loaded(certificates, key, authority(files));
    }

    private static void checkTime(Identity files, X509Certificate own) {
        try {
            own.checkValidity();
        } catch (CertificateExpiredException e) {
            throw new AgentException(
                    Reason.CONFIGURATION,
                    "the certificate in " + files.certificate() + " expired on "
                            + own.getNotAfter().toInstant() + ": issue a new one",
                    e);
        } catch (CertificateNotYetValidException e) {
            throw new AgentException(
                    Reason.CONFIGURATION,
                    "the certificate in " + files.certificate() + " is not valid before "
                            + own.getNotBefore().toInstant() + ": is the clock right?",
                    e);
        }
    }

    private static boolean belongTogether(X509Certificate certificate, PrivateKey key) {
        String algorithm = switch (key.getAlgorithm()) {
            case "EC" -> "SHA256withECDSA";
            case "RSA" -> "SHA256withRSA";
            default -> "Ed25519";
        };
        byte[] sample = {1, 2, 3};
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(sample);
            byte[] signed = signature.sign();
            signature.initVerify(certificate.getPublicKey());
            signature.update(sample);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static X509ExtendedTrustManager authority(Identity files) {
        try {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            int number = 0;
            for (X509Certificate certificate : PemFile.certificates(files.authority())) {
                store.setCertificateEntry("authority-" + number++, certificate);
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(store);
            for (TrustManager manager : factory.getTrustManagers()) {
                if (manager instanceof X509ExtendedTrustManager extended) {
                    return extended;
                }
            }
            throw new IllegalStateException("This Java has no PKIX trust manager");
        } catch (GeneralSecurityException | IOException e) {
            throw new AgentException(
                    Reason.CONFIGURATION, "cannot use " + files.authority() + ": " + e.getMessage(), e);
        }
    }

    /** Presents the certificate, whatever the other side says of the kinds and authorities it would like. */
    X509ExtendedKeyManager keyManager() {
        return new Presenter();
    }

    private final class Presenter extends X509ExtendedKeyManager {
        @Override
        public String chooseEngineClientAlias(
                String[] keyTypes, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
            return ALIAS;
        }

        @Override
        public String chooseEngineServerAlias(
                String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
            return ALIAS;
        }

        @Override
        public String[] getClientAliases(String keyType, Principal @Nullable [] issuers) {
            return new String[] {ALIAS};
        }

        @Override
        public String chooseClientAlias(String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return ALIAS;
        }

        @Override
        public String[] getServerAliases(String keyType, Principal @Nullable [] issuers) {
            return new String[] {ALIAS};
        }

        @Override
        public String chooseServerAlias(String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return ALIAS;
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return loaded.certificates().toArray(X509Certificate[]::new);
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return loaded.key();
        }
    }
}

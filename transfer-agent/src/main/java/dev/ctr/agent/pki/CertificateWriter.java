package dev.ctr.agent.pki;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Makes X.509 version 3 certificates (RFC 5280), signed by ECDSA with SHA-256. */
final class CertificateWriter {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int SERIAL_BITS = 127;

    /** Clocks of hosts differ a little. */
    private static final Duration BACKDATED = Duration.ofMinutes(5);

    private CertificateWriter() {}

    static KeyPair newKeys() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    /** A certificate that its owner signs, for signing agents' certificates and nothing else. */
    static X509Certificate authority(KeyPair keys, Instant from, Duration validity) throws GeneralSecurityException {
        BigInteger serial = serial();
        X500Principal name =
                new X500Principal("CN=ctr authority " + serial.toString(16).substring(0, 8));
        X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                name, serial, date(from.minus(BACKDATED)), date(from.plus(validity)), name, keys.getPublic());
        add(builder, Extension.basicConstraints, true, new BasicConstraints(0));
        add(builder, Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
        add(
                builder,
                Extension.subjectKeyIdentifier,
                false,
                new JcaX509ExtensionUtils().createSubjectKeyIdentifier(keys.getPublic()));
        return sign(builder, keys.getPrivate());
    }

    /** A certificate for an agent, which both serves and calls. It ends when the issuer's does at the latest. */
    static X509Certificate agent(
            PublicKey key,
            List<SubjectName> names,
            Instant from,
            Duration validity,
            X509Certificate issuer,
            PrivateKey issuerKey)
            throws GeneralSecurityException {
        Instant end = from.plus(validity);
        Instant issuerEnd = issuer.getNotAfter().toInstant();
        X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                issuer.getSubjectX500Principal(),
                serial(),
                date(from.minus(BACKDATED)),
                date(end.isBefore(issuerEnd) ? end : issuerEnd),
                new X500Principal("CN=" + names.get(0).text()),
                key);
        add(builder, Extension.basicConstraints, true, new BasicConstraints(false));
        add(builder, Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
        add(builder, Extension.extendedKeyUsage, false, new ExtendedKeyUsage(new KeyPurposeId[] {
            KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth
        }));
        add(
                builder,
                Extension.subjectAlternativeName,
                false,
                new GeneralNames(names.stream().map(SubjectName::toGeneralName).toArray(GeneralName[]::new)));
        JcaX509ExtensionUtils identifiers = new JcaX509ExtensionUtils();
        add(builder, Extension.subjectKeyIdentifier, false, identifiers.createSubjectKeyIdentifier(key));
        add(
                builder,
                Extension.authorityKeyIdentifier,
                false,
                identifiers.createAuthorityKeyIdentifier(issuer.getPublicKey()));
        return sign(builder, issuerKey);
    }

    private static BigInteger serial() {
        return new BigInteger(SERIAL_BITS, RANDOM).setBit(SERIAL_BITS - 1);
    }

    private static Date date(Instant moment) {
        return Date.from(moment);
    }

    private static void add(
            X509v3CertificateBuilder builder, ASN1ObjectIdentifier what, boolean critical, ASN1Encodable value)
            throws GeneralSecurityException {
        try {
            builder.addExtension(what, critical, value);
        } catch (CertIOException e) {
            throw new GeneralSecurityException(e.getMessage(), e);
        }
    }

    private static X509Certificate sign(X509v3CertificateBuilder builder, PrivateKey key)
            throws GeneralSecurityException {
        try {
            return new JcaX509CertificateConverter()
                    .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(key)));
        } catch (OperatorCreationException e) {
            throw new GeneralSecurityException(e.getMessage(), e);
        }
    }
}

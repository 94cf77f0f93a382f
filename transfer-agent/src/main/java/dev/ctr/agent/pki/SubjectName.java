package dev.ctr.agent.pki;

import java.util.Locale;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.util.IPAddress;

/** A name that a certificate gives its owner: a DNS name or an IP address. */
record SubjectName(int kind, String text) {
    private static final Pattern DNS_NAME = Pattern.compile(
            "(?=.{1,253}$)[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?)*");

    /**
     * Reads one.
     *
     * @throws IllegalArgumentException with a sentence if it is neither
     */
    static SubjectName parse(String text) {
        if (IPAddress.isValid(text)) {
            return new SubjectName(GeneralName.iPAddress, text);
        }
        String lower = text.toLowerCase(Locale.ROOT);
        if (!DNS_NAME.matcher(lower).matches()) {
            throw new IllegalArgumentException("\"" + text + "\" is neither a DNS name nor an IP address");
        }
        return new SubjectName(GeneralName.dNSName, lower);
    }

    GeneralName toGeneralName() {
        return new GeneralName(kind, text);
    }
}

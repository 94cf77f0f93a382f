package dev.ctr.agent;

import java.security.cert.CertificateException;

/** Why the other side's certificate was refused. */
final class RefusedCertificate extends CertificateException {
    private static final long serialVersionUID = 1;

    private final AgentException.Reason reason;

    /** {@code reason} is UNTRUSTED, EXPIRED or WRONG_NAME. */
    RefusedCertificate(AgentException.Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    AgentException.Reason reason() {
        return reason;
    }
}

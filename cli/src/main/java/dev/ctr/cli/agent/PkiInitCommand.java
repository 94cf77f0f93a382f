package dev.ctr.cli.agent;

import dev.ctr.agent.pki.CertificateAuthority;
import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code ctr agent pki init}: makes a certificate authority for agents. */
@Command(
        name = "init",
        description =
                "Make a certificate authority, valid for ten years: ca.crt, and ca.key which only its owner may read",
        footer = {"", "Examples:", "  ctr agent pki init /etc/ctr/pki"})
public final class PkiInitCommand extends Verb {
    @Parameters(paramLabel = "DIR", description = "Where its files are kept; made if it does not exist")
    private Path directory = Path.of("");

    public PkiInitCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        CertificateAuthority.init(directory);
        ctr.output().line(directory.resolve("ca.crt").toString());
        return ExitCode.OK;
    }
}

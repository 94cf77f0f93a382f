package dev.ctr.cli.agent;

import dev.ctr.agent.pki.CertificateAuthority;
import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctr agent pki issue}: issues a host's certificate. */
@Command(
        name = "issue",
        description =
                "Issue a host's certificate, valid for a year: NAME.crt, and NAME.key which only its owner may read",
        footer = {
            "",
            "NAME is also the certificate's first name, by which --allow knows the host. The names must be those by which",
            "others reach it.",
            "",
            "Examples:",
            "  ctr agent pki issue /etc/ctr/pki host-b --san host-b.example.org --san 10.0.0.2",
            "  ctr agent pki issue --force /etc/ctr/pki host-b --san 10.0.0.2"
        })
public final class PkiIssueCommand extends Verb {
    @Option(names = "--san", paramLabel = "DNS-or-IP", description = "A further name of the host; may be repeated")
    private List<String> names = new ArrayList<>();

    @Option(names = "--force", description = "Replace its certificate and key, for instance to renew them")
    private boolean force;

    @Parameters(index = "0", paramLabel = "DIR", description = "Where the authority's files are")
    private Path directory = Path.of("");

    @Parameters(index = "1", paramLabel = "NAME", description = "The host's name")
    private String name = "";

    public PkiIssueCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        ctr.output()
                .line(CertificateAuthority.in(directory)
                        .issue(name, names, force)
                        .certificate()
                        .toString());
        return ExitCode.OK;
    }
}

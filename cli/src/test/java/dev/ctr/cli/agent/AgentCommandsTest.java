package dev.ctr.cli.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ctr.cli.CommandRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentCommandsTest {
    @TempDir
    Path directory;

    @Test
    void aPkiIssuesWhatAnAgentNeedsAndReplacesOnlyWhenTold() throws Exception {
        String pki = directory.resolve("pki").toString();
        assertFails("there is no certificate authority in " + pki, "agent", "pki", "issue", pki, "a");
        assertThat(CommandRun.of("agent", "pki", "init", pki).out()).isEqualTo(pki + "/ca.crt\n");
        assertFails("exists already: every certificate that it issued", "agent", "pki", "init", pki);
        assertThat(CommandRun.of("agent", "pki", "issue", pki, "host-a", "--san", "10.0.0.1")
                        .out())
                .isEqualTo(pki + "/host-a.crt\n");
        byte[] first = Files.readAllBytes(Path.of(pki, "host-a.crt"));
        assertFails("--force replaces it", "agent", "pki", "issue", pki, "host-a");
        assertThat(Path.of(pki, "host-a.crt")).hasBinaryContent(first);
        assertThat(CommandRun.of("agent", "pki", "issue", "--force", pki, "host-a")
                        .exitCode())
                .isZero();
        assertThat(Files.readAllBytes(Path.of(pki, "host-a.crt"))).isNotEqualTo(first);
        for (String key : new String[] {"ca.key", "host-a.key"}) {
            assertThat(Files.getPosixFilePermissions(Path.of(pki, key)))
                    .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        }
    }

    @Test
    void namesThatAreNoneAreRefused() {
        String pki = directory.toString();
        CommandRun.of("agent", "pki", "init", pki);
        assertFails("neither a DNS name nor an IP address", "agent", "pki", "issue", pki, "../a");
        assertFails("neither a DNS name nor an IP address", "agent", "pki", "issue", pki, "a", "--san", "a b");
        assertFails("the authority's own name", "agent", "pki", "issue", pki, "ca");
    }

    @Test
    void whatIsMissingForAnAgentIsSaidInOneSentence() {
        String pki = directory.toString();
        CommandRun.of("agent", "pki", "init", pki);
        CommandRun.of("agent", "pki", "issue", pki, "a", "--san", "127.0.0.1");
        CommandRun.of("agent", "pki", "issue", pki, "b");
        assertFails("--cert is missing", "agent", "ping", "127.0.0.1:1");
        assertFails("is not an address of the form HOST:PORT", "agent", "ping", "127.0.0.1");
        assertFails("there is no such file", ping(pki, "x.crt", "a.key"));
        assertFails("does not belong to the certificate", ping(pki, "a.crt", "b.key"));
        assertFails("cannot reach 127.0.0.1:1: connection refused", ping(pki, "a.crt", "a.key"));
    }

    @Test
    void theFilesMayBeNamedInTheConfiguration() throws Exception {
        String pki = directory.toString();
        CommandRun.of("agent", "pki", "init", pki);
        CommandRun.of("agent", "pki", "issue", pki, "a");
        Path file = Files.writeString(
                directory.resolve("ctr.toml"),
                "agent-cert = \"" + pki + "/a.crt\"\nagent-key = \"" + pki + "/a.key\"\n");
        Map<String, String> environment = Map.of(
                "CTR_CONFIG",
                file.toString(),
                "CTR_AGENT_CA",
                directory.resolve("ca.crt").toString());
        assertThat(CommandRun.in(environment, List.of("agent", "ping", "127.0.0.1:1"))
                        .err())
                .startsWith("Error: cannot reach 127.0.0.1:1");
    }

    private static String[] ping(String pki, String certificate, String key) {
        return new String[] {
            "agent",
            "ping",
            "127.0.0.1:1",
            "--cert",
            pki + "/" + certificate,
            "--key",
            pki + "/" + key,
            "--ca",
            pki + "/ca.crt"
        };
    }

    private static void assertFails(String sentence, String... arguments) {
        CommandRun run = CommandRun.of(arguments);
        assertThat(run.err()).startsWith("Error: ").contains(sentence).hasLineCount(1);
        assertThat(run.exitCode()).isEqualTo(125);
    }
}

package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Asking containers whether they are well. */
final class HealthCheckTest {
    private static CtrRoot root;

    @BeforeAll
    static void importBusybox() {
        root = CtrRoot.create().withBusybox();
    }

    @AfterAll
    static void nothingIsLeft() {
        root.close();
    }

    @Test
    void aContainerIsUnhealthyAfterFailuresAndHealthyAfterASuccess() {
        root.ctr("run", "-d", "--name", "asked", "--network", "none", "--health-cmd", "test -e /ok && echo fine",
                "--health-retries", "2", "--health-interval", "1m30s", "bb", "sleep", "1000");
        assertThat(status().path("Status").asText()).isEqualTo("starting");
        CommandResult failed = root.run("healthcheck", "run", "asked");
        assertThat(failed.exitCode()).isEqualTo(1);
        assertThat(failed.output()).isEqualTo("unhealthy\n");
        assertThat(status().path("Status").asText()).isEqualTo("starting");
        root.run("healthcheck", "run", "asked");
        assertThat(status().path("Status").asText()).isEqualTo("unhealthy");
        assertThat(status().path("FailingStreak").asInt()).isEqualTo(2);
        root.ctr("exec", "asked", "touch", "/ok");
        assertThat(root.ctr("healthcheck", "run", "asked")).isEmpty();
        assertThat(status().path("Status").asText()).isEqualTo("healthy");
        assertThat(status().at("/Log/2/Output").asText()).isEqualTo("fine");
        JsonNode check = JsonOutput.inspect(root, "asked").at("/Config/Healthcheck");
        assertThat(check.at("/Test/0").asText()).isEqualTo("CMD-SHELL");
        assertThat(check.path("Interval").asLong()).isEqualTo(90_000_000_000L);
    }

    private static JsonNode status() {
        return JsonOutput.inspect(root, "asked").at("/State/Health");
    }

    @Test
    void withoutACheckThereIsNothingToRun() {
        root.ctr("create", "--name", "plain", "bb", "true");
        assertThat(root.run("healthcheck", "run", "plain").failedWith(125)).contains("has no defined healthcheck");
        assertThat(root.run("create", "--health-cmd", "a", "--health-retries", "0", "bb", "true").failedWith(125))
                .contains("healthcheck-retries must be greater than 0");
        assertThat(root.run("create", "--health-on-failure", "restart", "bb", "true").failedWith(125))
                .contains("ctr healthcheck run");
    }
}

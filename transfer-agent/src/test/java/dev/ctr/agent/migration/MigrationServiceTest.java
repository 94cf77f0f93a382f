package dev.ctr.agent.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.ctr.agent.AgentChannel;
import dev.ctr.agent.AgentOptions;
import dev.ctr.agent.AgentServer;
import dev.ctr.agent.HostAndPort;
import dev.ctr.agent.Identity;
import dev.ctr.agent.metrics.Metrics;
import dev.ctr.agent.pki.CertificateAuthority;
import dev.ctr.agent.transfer.MigrationId;
import dev.ctr.lifecycle.CgroupManager;
import dev.ctr.lifecycle.Engine;
import dev.ctr.lifecycle.EngineOptions;
import dev.ctr.lifecycle.RestorePolicy;
import dev.ctr.lifecycle.event.EventQuery;
import dev.ctr.lifecycle.event.EventStatus;
import dev.ctr.proto.migration.Attempt;
import dev.ctr.proto.migration.Begin;
import dev.ctr.proto.migration.Commit;
import dev.ctr.proto.migration.ControlReply;
import dev.ctr.proto.migration.ControlRequest;
import dev.ctr.proto.migration.Description;
import dev.ctr.proto.migration.Finding;
import dev.ctr.proto.migration.MigrationGrpc;
import dev.ctr.proto.migration.PreflightRequest;
import dev.ctr.proto.migration.StatusReply;
import dev.ctr.proto.migration.StatusRequest;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What an agent answers to sources that are not what they should be. */
@Timeout(60)
class MigrationServiceTest {
    @TempDir
    Path directory;

    private final Metrics metrics = new Metrics();
    private Engine engine;
    private AgentServer agent;
    private AgentChannel source;
    private AgentChannel stranger;

    @BeforeEach
    void serve() {
        CertificateAuthority authority = CertificateAuthority.init(directory.resolve("pki"));
        Identity target = authority.issue("target", List.of("127.0.0.1"), false);
        engine = Engine.open(new EngineOptions(
                directory.resolve("root"),
                directory.resolve("run"),
                EngineOptions.DEFAULT_RUNTIME,
                CgroupManager.CGROUPFS,
                "/ctr-migration-service-test",
                List.of()));
        agent = AgentServer.start(AgentOptions.of(new HostAndPort("127.0.0.1", 0), target)
                .withService(new MigrationService(engine, RestorePolicy.DEFAULT, metrics)));
        source = AgentChannel.connect(agent.address(), authority.issue("source", List.of(), false));
        stranger = AgentChannel.connect(agent.address(), authority.issue("stranger", List.of(), false));
    }

    @AfterEach
    void stop() {
        source.close();
        stranger.close();
        agent.close();
    }

    private static Attempt attempt(MigrationId migration, long epoch) {
        return Target.attempt(migration, epoch);
    }

    private static ControlClient control(AgentChannel channel, Attempt attempt) {
        return new ControlClient(MigrationGrpc.newStub(channel.calls()), attempt, Duration.ofSeconds(20));
    }

    private static ControlRequest.Builder begin() {
        return ControlRequest.newBuilder()
                .setBegin(
                        Begin.newBuilder().setContainer(Description.newBuilder().setName("web")));
    }

    private static StatusReply status(AgentChannel channel, MigrationId migration) {
        return MigrationGrpc.newBlockingStub(channel.calls())
                .status(StatusRequest.newBuilder()
                        .setAttempt(attempt(migration, 1))
                        .build());
    }

    private static StatusReply settle(AgentChannel channel, MigrationId migration, long epoch) {
        return MigrationGrpc.newBlockingStub(channel.calls())
                .settle(StatusRequest.newBuilder()
                        .setAttempt(attempt(migration, epoch))
                        .build());
    }

    @Test
    void aMigrationIsNobodysButTheOnesWhoBeganIt() throws Exception {
        MigrationId migration = MigrationId.random();
        try (ControlClient own = control(source, attempt(migration, 1));
                ControlClient foreign = control(stranger, attempt(migration, 1))) {
            own.call(begin());
            assertThatThrownBy(() -> foreign.call(begin())).hasMessageContaining("is not one of stranger");
            assertThatThrownBy(() -> status(stranger, migration)).hasMessageContaining("is not one of stranger");
            assertThatThrownBy(() -> settle(stranger, migration, 9)).hasMessageContaining("is not one of stranger");
            assertThat(status(source, migration).getState()).isIn(StatusReply.State.OPEN, StatusReply.State.NEVER_RAN);
        }
    }

    @Test
    void aMigrationThatIsRefusedIsCountedAndAnEvent() throws Exception {
        MigrationId migration = MigrationId.random();
        try (ControlClient own = control(source, attempt(migration, 1))) {
            own.call(begin());
        }
        assertThat(metrics.text())
                .contains("ctr_migrations_total{result=\"never-ran\"} 1")
                .contains("ctr_migration_phase_seconds_count{phase=\"begin\"} 1");
        List<String> states = new ArrayList<>();
        engine.events().read(EventQuery.all(), event -> {
            assertThat(event.status()).isEqualTo(EventStatus.MIGRATE);
            assertThat(event.attributes()).containsEntry("peer", "source").containsEntry("side", "target");
            states.add(event.attributes().get("state"));
        });
        assertThat(states).containsExactly("begun", "cancelled");
    }

    @Test
    void whatThePolicyDoesNotGrantIsRefusedBeforeItBegins() {
        Description asking = Description.newBuilder()
                .setName("web")
                .setConfig(ByteString.copyFromUtf8("{\"spec\": {\"mounts\": [{\"type\": \"bind\", \"source\": \"/etc\","
                        + " \"destination\": \"/x\", \"options\": [\"bind\"]}]}}"))
                .build();
        assertThat(MigrationGrpc.newBlockingStub(source.calls())
                        .preflight(PreflightRequest.newBuilder()
                                .setContainer(asking)
                                .build())
                        .getFindingsList())
                .filteredOn(finding -> finding.getWhat().equals("policy"))
                .anySatisfy(finding -> assertThat(finding.getReason()).contains("/etc at /x"))
                .allSatisfy(finding -> assertThat(finding.getVerdict()).isEqualTo(Finding.Verdict.REFUSED));
    }

    @Test
    void aStepThatComesAgainGetsTheSameReply() throws Exception {
        MigrationId migration = MigrationId.random();
        try (ControlClient once = control(source, attempt(migration, 1));
                ControlClient again = control(source, attempt(migration, 1))) {
            ControlReply first = once.call(begin());
            assertThat(again.call(begin())).isEqualTo(first);
        }
    }

    @Test
    void whatWasSettledBeforeItBeganNeverBegins() throws Exception {
        MigrationId migration = MigrationId.random();
        assertThat(status(source, migration).getState()).isEqualTo(StatusReply.State.UNKNOWN);
        assertThat(settle(source, migration, 2).getState()).isEqualTo(StatusReply.State.NEVER_RAN);
        try (ControlClient late = control(source, attempt(migration, 1))) {
            assertThatThrownBy(() -> late.call(begin())).hasMessageContaining("epoch 1");
        }
        try (ControlClient newer = control(source, attempt(migration, 2))) {
            assertThatThrownBy(() -> newer.call(begin())).hasMessageContaining("over");
        }
        assertThat(settle(source, migration, 3).getState()).isEqualTo(StatusReply.State.NEVER_RAN);
    }

    @Test
    void nothingRunsThatIsNotHeld() throws IOException, InterruptedException {
        MigrationId migration = MigrationId.random();
        try (ControlClient unknown = control(source, attempt(migration, 1))) {
            assertThatThrownBy(() -> unknown.call(ControlRequest.newBuilder().setCommit(Commit.getDefaultInstance())))
                    .hasMessageContaining("no migration");
        }
        try (ControlClient early = control(source, attempt(migration, 1))) {
            early.call(begin());
            assertThatThrownBy(() -> early.call(ControlRequest.newBuilder().setCommit(Commit.getDefaultInstance())))
                    .isInstanceOf(IOException.class);
        }
        assertThat(settle(source, migration, 2).getState()).isEqualTo(StatusReply.State.NEVER_RAN);
    }

    @Test
    void anIdThatIsNoneIsRefused() {
        assertThatThrownBy(() -> MigrationGrpc.newBlockingStub(source.calls())
                        .status(StatusRequest.newBuilder()
                                .setAttempt(Attempt.newBuilder().setMigration("../../etc"))
                                .build()))
                .satisfies(failure ->
                        assertThat(Status.fromThrowable(failure).getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT));
    }
}

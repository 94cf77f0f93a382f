package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.ExecOptions;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** {@code ctr top}: the processes of a container. */
final class TopTest {
    private static CtrRoot root;
    private static Container container;

    @BeforeAll
    static void runAContainer() {
        root = CtrRoot.create().withBusybox();
        String script = "sleep 1000 & exec sleep 2000";
        container = Engines.of(root).create(Engines.busybox("sh", "-c", script).name("top"));
        container.start();
        await().until(() -> container.top(List.of()).size() == 3);
        await().until(() -> container.top(List.of("args")).contains(List.of("sleep 2000")));
    }

    @AfterAll
    static void nothingIsLeft() {
        root.close();
    }

    @Test
    void showsPodmansColumns() {
        List<String> lines = root.ctr("top", "top").lines().toList();
        assertThat(lines.get(0).split(" +"))
                .containsExactly("USER", "PID", "PPID", "%CPU", "ELAPSED", "TTY", "TIME", "COMMAND");
        assertThat(lines).hasSize(3);
        assertThat(lines.get(1)).matches("root +1 +0 +[0-9.]+ +([0-9]+[hm])*[0-9.]+m?s +\\? +[0-9.]+m?s +sleep 2000");
        assertThat(lines.get(2)).matches("root +[0-9]+ +1 .* sleep 1000");
    }

    @Test
    void showsWhatIsAskedForByNameByCodeOrAsPsDoes() throws Exception {
        long pid = container.state().pid();
        assertThat(container
                        .top(List.of("hpid", "pid", "comm", "state", "nice", "seccomp", "capeff"))
                        .get(1))
                .startsWith(Long.toString(pid), "1", "sleep", "S", "0")
                .last()
                .asString()
                .contains("CHOWN,DAC_OVERRIDE");
        assertThat(container.top(List.of("pid,%a")).get(1)).containsExactly("1", "sleep 2000");
        assertThat(container.top(List.of("-eo", "pid,args")))
                .startsWith(List.of("PID", "COMMAND"), List.of("1", "sleep 2000"));
        assertThat(container.top(List.of("-ef")).get(0)).contains("PPID", "STIME");
        assertThat(container.top(List.of("vsz", "rss")).get(1))
                .allSatisfy(size -> assertThat(Long.parseLong(size)).isPositive());
        assertThat(new ObjectMapper()
                        .readTree(root.ctr("top", "--format", "json", "top", "pid", "args"))
                        .path(0)
                        .path("COMMAND")
                        .asText())
                .isEqualTo("sleep 2000");
    }

    @Test
    void aProgramCannotBreakTheTableByItsArguments() {
        String session =
                container.execDetached(new ExecOptions(List.of("sh", "-c", "sleep 3000; :", "1\n2\u001b[31m\u0007")));
        assertThat(container.top(List.of("args"))).contains(List.of("sh -c sleep 3000; : 1?2?[31m?"));
        container.execRemove(session, true);
    }

    @Test
    void refusesWhatItCannotShow() {
        assertThat(root.run("top", "top", "colour").failedWith(125)).contains("unknown format descriptor \"colour\"");
        assertThat(root.run("top").failedWith(125)).contains("you must provide the name or id of a running container");
        Container idle = Engines.of(root).create(Engines.busybox("true"));
        assertThatThrownBy(() -> idle.top(List.of())).hasMessage("top can only be used on running containers");
    }
}

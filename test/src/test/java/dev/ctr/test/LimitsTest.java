package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** How much of its host a container may use, as the kernel has it. */
final class LimitsTest {
    private static final Path V1 = Path.of("/sys/fs/cgroup");

    private static CtrRoot root;

    @BeforeAll
    static void importBusybox() {
        root = CtrRoot.create().withBusybox();
    }

    @AfterAll
    static void nothingIsLeft() {
        root.close();
    }

    private static String cgroup(String controller, String file, String container) throws IOException {
        String path = root.ctr("inspect", "-f", "{{.State.CgroupPath}}", container);
        return Files.readString(Path.of(V1 + "/" + controller + path).resolve(file))
                .strip();
    }

    @Test
    void limitsAreInTheCgroupAndStayThereAfterARestore() throws IOException {
        assumeTrue(Files.isDirectory(V1.resolve("memory")), "the host has no cgroup v1");
        root.ctr(
                "run",
                "-d",
                "--name",
                "limited",
                "--network",
                "none",
                "-m",
                "64m",
                "--memory-reservation",
                "32m",
                "--memory-swap",
                "100m",
                "--memory-swappiness",
                "10",
                "--oom-kill-disable",
                "--oom-score-adj",
                "300",
                "--cpu-period",
                "50000",
                "--cpu-quota",
                "20000",
                "-c",
                "512",
                "--cpuset-cpus",
                "0",
                "--cpuset-mems",
                "0",
                "--ulimit",
                "nofile=100:200",
                "--ulimit",
                "core=0",
                "bb",
                "sleep",
                "1000");
        assertLimits();
        String script = "grep -E 'open files|core' /proc/1/limits | tr -s ' '; cat /proc/1/oom_score_adj";
        assertThat(root.ctr("exec", "limited", "sh", "-c", script).lines())
                .containsExactly("Max core file size 0 0 bytes ", "Max open files 100 200 files ", "300");
        // Not that of open files: what an exec'd program gets of it is a race in older runc (opencontainers/runc#4195).
        assertThat(root.ctr("exec", "limited", "sh", "-c", "ulimit -c")).isEqualTo("0");
        root.ctr("checkpoint", "limited");
        root.ctr("restore", "limited");
        assertLimits();
        root.ctr(
                "update",
                "-m",
                "80m",
                "--memory-swap",
                "120m",
                "--cpu-quota",
                "30000",
                "--pids-limit",
                "77",
                "limited");
        assertThat(cgroup("memory", "memory.limit_in_bytes", "limited")).isEqualTo("83886080");
        assertThat(cgroup("cpu", "cpu.cfs_quota_us", "limited")).isEqualTo("30000");
        assertThat(cgroup("pids", "pids.max", "limited")).isEqualTo("77");
        root.ctr("stop", "-t", "0", "limited");
        root.ctr("start", "limited");
        assertThat(cgroup("memory", "memory.limit_in_bytes", "limited")).isEqualTo("83886080");
        assertThat(cgroup("cpu", "cpu.shares", "limited")).isEqualTo("512");
        JsonNode host = JsonOutput.inspect(root, "limited").path("HostConfig");
        assertThat(host.path("MemorySwappiness").asInt()).isEqualTo(10);
        assertThat(host.path("OomScoreAdj").asInt()).isEqualTo(300);
        assertThat(host.path("CpuQuota").asInt()).isEqualTo(30000);
        assertThat(host.at("/Ulimits/0/Name").asText()).isEqualTo("RLIMIT_NOFILE");
    }

    private static void assertLimits() throws IOException {
        assertThat(cgroup("memory", "memory.limit_in_bytes", "limited")).isEqualTo("67108864");
        assertThat(cgroup("memory", "memory.soft_limit_in_bytes", "limited")).isEqualTo("33554432");
        assertThat(cgroup("memory", "memory.memsw.limit_in_bytes", "limited")).isEqualTo("104857600");
        assertThat(cgroup("memory", "memory.swappiness", "limited")).isEqualTo("10");
        assertThat(cgroup("memory", "memory.oom_control", "limited")).startsWith("oom_kill_disable 1");
        assertThat(cgroup("cpu", "cpu.cfs_period_us", "limited")).isEqualTo("50000");
        assertThat(cgroup("cpu", "cpu.cfs_quota_us", "limited")).isEqualTo("20000");
        assertThat(cgroup("cpu", "cpu.shares", "limited")).isEqualTo("512");
        assertThat(cgroup("cpuset", "cpuset.cpus", "limited")).isEqualTo("0");
        assertThat(cgroup("pids", "pids.max", "limited")).isEqualTo("2048");
    }

    @Test
    void disksAndProcessorsAreLimited() throws IOException {
        assumeTrue(Files.exists(V1.resolve("blkio/blkio.throttle.read_bps_device")), "the host cannot limit disks");
        Path disk = blockDevice();
        CommandResult created = root.run(
                "run",
                "-d",
                "--name",
                "slow",
                "--network",
                "none",
                "--cpus",
                "0.5",
                "--pids-limit",
                "-1",
                "--device-read-bps",
                disk + ":1mb",
                "--device-write-iops",
                disk + ":7",
                "--blkio-weight",
                "100",
                "bb",
                "sleep",
                "1000");
        created.succeeded();
        assertThat(cgroup("blkio", "blkio.throttle.read_bps_device", "slow")).endsWith(" 1048576");
        assertThat(cgroup("blkio", "blkio.throttle.write_iops_device", "slow")).endsWith(" 7");
        assertThat(cgroup("cpu", "cpu.cfs_quota_us", "slow")).isEqualTo("50000");
        assertThat(cgroup("pids", "pids.max", "slow")).isEqualTo("max");
    }

    private static Path blockDevice() throws IOException {
        try (var devices = Files.list(Path.of("/sys/block"))) {
            return devices.map(device -> Path.of("/dev").resolve(device.getFileName()))
                    .filter(Files::exists)
                    .filter(device -> !device.toString().contains("loop"))
                    .findFirst()
                    .orElseGet(() -> org.junit.jupiter.api.Assumptions.abort("the host has no disk"));
        }
    }

    @Test
    void aLimitThatTheHostCannotGiveIsLoweredWithAWarning() throws IOException {
        long own = Files.readAllLines(Path.of("/proc/self/limits")).stream()
                .filter(line -> line.startsWith("Max open files"))
                .mapToLong(line -> Long.parseLong(line.split(" {2,}", -1)[2]))
                .findFirst()
                .orElseThrow();
        boolean mayRaise = Commands.run("sh", "-c", "ulimit -Hn " + (own + 1)).exitCode() == 0;
        assumeTrue(!mayRaise, "this process may raise its limits");
        CommandResult result = root.run(
                "run",
                "--rm",
                "--network",
                "none",
                "--ulimit",
                "nofile=" + (own + 1),
                "--oom-score-adj",
                "-999",
                "bb",
                "sh",
                "-c",
                "ulimit -n; ulimit -Hn");
        assertThat(result.succeeded().lines()).containsExactly(Long.toString(own), Long.toString(own));
        assertThat(result.errors()).startsWith("Warning: the limit nofile=" + (own + 1));
    }

    @Test
    void limitsThatMakeNoSenseAreRefused() {
        assertThat(refusal("--memory-swap", "2m")).contains("you should always set a memory limit");
        assertThat(refusal("-m", "2m", "--memory-swap", "1m")).contains("minimum memoryswap limit should be larger");
        assertThat(refusal("--cpus", "1", "--cpu-quota", "1000"))
                .contains("--cpu-quota and --cpus cannot be set together");
        assertThat(refusal("--oom-score-adj", "2000")).contains("oom-score-adj");
        assertThat(refusal("--ulimit", "nosuch=1")).contains("nosuch");
        assertThat(refusal("--ulimit", "nofile=2:1")).contains("soft limit must be less than or equal to hard limit");
        assertThat(refusal("--shm-size", "0")).contains("/dev/shm");
        assertThat(refusal("--secret", "s")).contains("ctr keeps no secrets");
        assertThat(refusal("--umask", "99")).contains("invalid umask string 99");
    }

    private static String refusal(String... flags) {
        String[] arguments = new String[flags.length + 3];
        arguments[0] = "create";
        System.arraycopy(flags, 0, arguments, 1, flags.length);
        arguments[flags.length + 1] = "bb";
        arguments[flags.length + 2] = "true";
        return root.run(arguments).failedWith(125);
    }
}

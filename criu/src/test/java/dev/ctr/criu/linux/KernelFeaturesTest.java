package dev.ctr.criu.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compares each probe with what another program or file of the same kernel says. */
final class KernelFeaturesTest {
    private static final Path CONFIGURATION = Path.of("/proc/config.gz");

    @TempDir
    Path directory;

    @Test
    void softDirtyIsThereExactlyIfTheKernelWasBuiltWithIt() throws Exception {
        assertThat(MemoryFeatures.softDirty()).isEqualTo(configured("CONFIG_MEM_SOFT_DIRTY"));
    }

    @Test
    void userfaultfdIsThereExactlyIfTheKernelWasBuiltWithIt() throws Exception {
        Root.assumed();
        assertThat(MemoryFeatures.userfaultfd().isPresent()).isEqualTo(configured("CONFIG_USERFAULTFD"));
        assertThat((MemoryFeatures.userfaultfd().orElse(0) & MemoryFeatures.UFFD_FEATURE_PAGEFAULT_FLAG_WP) != 0)
                .isEqualTo(configured("CONFIG_HAVE_ARCH_USERFAULTFD_WP") && configured("CONFIG_USERFAULTFD"));
    }

    @Test
    void pagemapScanAndWriteTrackingCameWithKernel67() throws Exception {
        Root.assumed();
        String[] release = System.getProperty("os.version").split("[.-]", 3);
        boolean since67 = Integer.parseInt(release[0]) * 1000 + Integer.parseInt(release[1]) >= 6007;

        assertThat(MemoryFeatures.pagemapScan()).isEqualTo(since67);
        assertThat(MemoryFeatures.writeTracking()).isEqualTo(since67 && configured("CONFIG_HAVE_ARCH_USERFAULTFD_WP"));
    }

    @Test
    void anOverlayTrialLeavesNothing() throws Exception {
        Root.assumed();
        boolean usable = Overlay.isUsable(directory);

        assertThat(directory).isEmptyDirectory();
        assertThat(Mounts.list()).noneMatch(mount -> mount.mountPoint().startsWith(directory));
        if (usable) {
            assertThat(Files.readString(Path.of("/proc/filesystems"))).contains("\toverlay\n");
        }
    }

    @Test
    void interfacesCanBeMadeExactlyIfIpCanMakeThem() throws Exception {
        Root.assumed();
        String path = "/usr/sbin:/usr/bin:/sbin:/bin";
        assumeTrue(
                Programs.find("ip", path).isPresent()
                        && Programs.find("unshare", path).isPresent(),
                "needs ip and unshare");
        for (String kind : List.of("veth", "bridge", "nosuchkind")) {
            List<String> command = List.of("unshare", "-n", "ip", "link", "add", "x", "type", kind);
            boolean made = Programs.run(command, Map.of("PATH", path), Duration.ofSeconds(10))
                    .succeeded();

            assertThat(NetworkLinks.canCreate(kind)).as(kind).isEqualTo(made);
        }
    }

    private static boolean configured(String option) throws IOException, InterruptedException {
        assumeTrue(Files.exists(CONFIGURATION), "needs the kernel's configuration in /proc/config.gz");
        return Programs.run(
                        List.of("zcat", CONFIGURATION.toString()),
                        Map.of("PATH", "/usr/bin:/bin"),
                        Duration.ofSeconds(10))
                .stdout()
                .lines()
                .anyMatch(line -> line.equals(option + "=y"));
    }
}

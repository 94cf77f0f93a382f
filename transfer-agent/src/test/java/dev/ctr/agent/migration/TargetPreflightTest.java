package dev.ctr.agent.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.ByteString;
import dev.ctr.agent.HostAndPort;
import dev.ctr.agent.Identity;
import dev.ctr.criu.Criu;
import dev.ctr.lifecycle.CgroupManager;
import dev.ctr.lifecycle.Engine;
import dev.ctr.lifecycle.EngineOptions;
import dev.ctr.lifecycle.RestorePolicy;
import dev.ctr.lifecycle.image.Image;
import dev.ctr.lifecycle.image.ImageDelivery;
import dev.ctr.lifecycle.image.ImportOptions;
import dev.ctr.proto.migration.Description;
import dev.ctr.proto.migration.Finding;
import dev.ctr.proto.migration.Wishes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a target says of containers that it could not run, before anything is touched. */
class TargetPreflightTest {
    private static final RestorePolicy ORDINARY = RestorePolicy.DEFAULT;

    /** Set in all but the last byte of a number of a protocol buffer. */
    private static final int MORE = 0x80;

    @TempDir
    Path directory;

    /** Each looks at the host once, which takes long. */
    private final Map<RestorePolicy, TargetPreflight> targets = new HashMap<>();

    private Engine engine;

    @BeforeEach
    void open() {
        engine = Engine.open(new EngineOptions(
                directory.resolve("root"),
                directory.resolve("run"),
                EngineOptions.DEFAULT_RUNTIME,
                CgroupManager.CGROUPFS,
                "/ctr-target-preflight-test",
                List.of()));
    }

    private List<Finding> findings(RestorePolicy policy, Description.Builder container) throws Exception {
        return targets.computeIfAbsent(policy, kept -> new TargetPreflight(engine, kept))
                .findings(container.setName("web").build(), Wishes.getDefaultInstance());
    }

    /** What is refused of what is looked at by this word. */
    private List<String> refusals(String what, RestorePolicy policy, Description.Builder container) throws Exception {
        return findings(policy, container).stream()
                .filter(finding -> finding.getWhat().equals(what) && finding.getVerdict() == Finding.Verdict.REFUSED)
                .map(Finding::getReason)
                .toList();
    }

    private static Description.Builder container() {
        return Description.newBuilder();
    }

    private static Description.Builder configured(String spec) {
        return container().setConfig(ByteString.copyFromUtf8("{\"spec\": " + spec + "}"));
    }

    @Test
    void everythingThatThePolicyRefusesIsNamedAndOnlyThat() throws Exception {
        String namespaces = "\"namespaces\": [{\"type\": \"mount\"}, {\"type\": \"pid\"}, {\"type\": \"ipc\"},"
                + " {\"type\": \"uts\"}, {\"type\": \"network\"}]";
        String hidden = "\"maskedPaths\": [\"/proc/kcore\", \"/proc/sys\", \"/proc/sysrq-trigger\"]";
        Description.Builder greedy = configured("""
                {"mounts": [{"type": "bind", "source": "/etc", "destination": "/e", "options": ["bind"]},
                            {"type": "bind", "source": "/not-here", "destination": "/n", "options": ["bind"]},
                            {"type": "tmpfs", "source": "tmpfs", "destination": "/t"}],
                 "hooks": {"prestart": [{"path": "/bin/true"}]},
                 "process": {"capabilities": {"bounding": ["CAP_SYS_ADMIN", "CAP_CHOWN"]}},
                 "linux": {%s, "devices": [{"path": "/dev/kvm", "type": "c", "major": 10, "minor": 232}],
                           "resources": {"devices": [{"allow": true, "access": "rwm"}]},
                           "sysctl": {"kernel.panic": "1"}}}
                """.formatted(namespaces));
        assertThat(refusals("policy", ORDINARY, greedy))
                .satisfiesExactlyInAnyOrder(
                        reason -> assertThat(reason).contains("runs hooks"),
                        reason -> assertThat(reason).contains("may read /proc/kcore"),
                        reason -> assertThat(reason).contains("the target does not restore").contains("/etc at /e"),
                        reason -> assertThat(reason).contains("/not-here at /n, which does not exist"),
                        reason -> assertThat(reason).contains("the device /dev/kvm"),
                        reason -> assertThat(reason).contains("every device of the host (it was privileged)"),
                        reason -> assertThat(reason).contains("capability CAP_SYS_ADMIN"),
                        reason -> assertThat(reason).contains("kernel parameter kernel.panic"));
        assertThat(refusals("policy", ORDINARY, configured("{\"linux\": {" + namespaces + ", " + hidden + "}}")))
                .isEmpty();
        assertThat(refusals("policy", ORDINARY, configured("{\"mounts\": [7]}")))
                .anySatisfy(reason -> assertThat(reason).contains("a form that is none"));
    }

    @Test
    void whatTheProcessorOrCriuLacksIsRefusedUnlessThePolicyExcusesIt() throws Exception {
        Description.Builder newer = container().addCpuFeatures("no_such_thing").setCriuVersion("99.0.0");
        assertThat(refusals("cpu", ORDINARY, newer))
                .singleElement()
                .asString()
                .contains("the target does not restore")
                .contains("no_such_thing");
        assertThat(refusals("criu", ORDINARY, newer)).hasSize(Criu.find().isPresent() ? 1 : 0);
        RestorePolicy lenient =
                RestorePolicy.of(Map.of("missing-cpu-features", "no_such_thing", "older-criu", "true"));
        assertThat(refusals("cpu", lenient, newer)).isEmpty();
        assertThat(refusals("criu", lenient, newer)).isEmpty();
        assertThat(refusals("architecture", lenient, container().setArchitecture("s390x")))
                .hasSize(1);
        assertThat(findings(ORDINARY, container().setKernelRelease("99.1")))
                .filteredOn(finding -> finding.getWhat().equals("kernel"))
                .singleElement()
                .satisfies(finding -> assertThat(finding.getVerdict()).isEqualTo(Finding.Verdict.WARNING));
    }

    @Test
    void criuComparesTheProcessorsItself() throws Exception {
        assumeTrue(Criu.find().isPresent(), "needs CRIU");
        assumeTrue(System.getProperty("os.arch").equals("amd64"), "changes an account of an x86 processor");
        ProcessorAccount account = new ProcessorAccount(engine.options().runRoot());
        ByteString own = account.own();
        assertThat(account.own()).as("kept").isEqualTo(own);
        Description.Builder same = container().setArchitecture("amd64").setCriuCpuinfo(own);
        assertThat(refusals("cpu", ORDINARY, same)).isEmpty();

        Description.Builder richer = same.clone().setCriuCpuinfo(with3dNow(own));
        assertThat(refusals("cpu", ORDINARY, richer))
                .singleElement()
                .asString()
                .contains("CPU instruction capabilities do not match");
        assertThat(refusals("cpu", RestorePolicy.of(Map.of("missing-cpu-features", "all")), richer))
                .isEmpty();
        assertThat(findings(ORDINARY, same.clone().setCriuCpuinfo(withAnotherStateSize(own))))
                .filteredOn(finding -> finding.getWhat().equals("cpu"))
                .extracting(Finding::getVerdict)
                .containsExactly(Finding.Verdict.OK, Finding.Verdict.WARNING);

        for (ByteString hostile : List.of(
                ByteString.copyFromUtf8("no image"),
                ByteString.copyFrom(new byte[ProcessorAccount.LARGEST + 1]))) {
            assertThat(refusals("cpu", ORDINARY, same.clone().setCriuCpuinfo(hostile)))
                    .hasSize(1);
        }
        assertThat(engine.options().runRoot().resolve("cpuinfo/check")).isEmptyDirectory();
    }

    /** The second word of capabilities (cpuinfo.proto, field 6) says that there is 3DNow!, which no processor has had since 2011. */
    private static ByteString with3dNow(ByteString image) {
        byte[] bytes = image.toByteArray();
        int word = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("(\u00020") + 3;
        while ((bytes[word] & MORE) != 0) {
            word++;
        }
        // Bit 29, for 64 bits, is set: so the number takes five bytes, of which the last has the bits from 28 on.
        assertThat(bytes[word + 1]).isEqualTo((byte) 0x30);
        bytes[word + 6] |= 0xc;
        return ByteString.copyFrom(bytes);
    }

    /** The last number, the size of a task's state, is 1, written with as many bytes as before. */
    private static ByteString withAnotherStateSize(ByteString image) {
        byte[] bytes = image.toByteArray();
        int first = bytes.length - 1;
        while ((bytes[first - 1] & MORE) != 0) {
            bytes[--first] = (byte) MORE;
        }
        bytes[first] |= 1;
        bytes[bytes.length - 1] = 0;
        return ByteString.copyFrom(bytes);
    }

    @Test
    void roomIsNeededWhereItWouldBeUsed() throws Exception {
        long all = 1L << 60;
        assertThat(refusals("memory", ORDINARY, container().setMemoryBytes(all)))
                .singleElement()
                .asString()
                .contains("MB of memory");
        assertThat(refusals("disk", ORDINARY, container().setRootfsBytes(all)))
                .singleElement()
                .asString()
                .contains(engine.options().root().resolve("migrations") + ", where");
        assertThat(findings(ORDINARY, container().setRootfsBytes(1).setMemoryBytes(1)))
                .filteredOn(finding -> List.of("disk", "memory").contains(finding.getWhat()))
                .allSatisfy(finding -> assertThat(finding.getVerdict()).isEqualTo(Finding.Verdict.OK))
                .hasSize(2);
    }

    @Test
    void ofAnImageOnlyWhatIsNotHereCounts() throws Exception {
        Image image = importImage();
        Description.Builder container = container().setImageId("ab".repeat(32)).setImageBytes(5000);
        new ImageDelivery(engine.images())
                .sizes(image)
                .forEach((blob, bytes) -> container.addImageBlobs(blob.hex()).addImageBlobBytes(bytes));
        container.addImageBlobs("cd".repeat(32)).addImageBlobBytes(77);
        TargetPreflight preflight = new TargetPreflight(engine, ORDINARY);
        assertThat(preflight.imageBytes(container.build())).isEqualTo(77);
        assertThat(preflight.imageBytes(
                        container.clone().setImageId(image.id().hex()).build()))
                .isZero();
        List<Finding> findings = findings(ORDINARY, container);
        MigrateOptions options = new MigrateOptions(
                new HostAndPort("127.0.0.1", 1), new Identity(directory, directory, directory));
        Preflight estimate =
                Estimate.of(container.setMemoryBytes(1000).build(), options, findings, 77);
        assertThat(estimate.bytes()).isEqualTo(1077);
    }

    private Image importImage() throws IOException {
        ByteArrayOutputStream tar = new ByteArrayOutputStream();
        try (TarArchiveOutputStream out = new TarArchiveOutputStream(tar)) {
            byte[] content = Files.readAllBytes(Path.of("/etc/hostname"));
            TarArchiveEntry file = new TarArchiveEntry("hostname");
            file.setSize(content.length);
            out.putArchiveEntry(file);
            out.write(content);
            out.closeArchiveEntry();
        }
        return engine.images()
                .importTar(new ByteArrayInputStream(tar.toByteArray()), new ImportOptions("small", List.of(), ""));
    }
}

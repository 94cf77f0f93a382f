package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import dev.ctr.archive.Compression;
import dev.ctr.lifecycle.CheckpointOptions;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.CreateOptions;
import dev.ctr.lifecycle.Engine;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.RestoreOptions;
import dev.ctr.lifecycle.RestorePolicy;
import dev.ctr.proto.criu.CoreEntry;
import dev.ctr.proto.criu.FileEntry;
import dev.ctr.proto.criu.FileType;
import dev.ctr.proto.criu.InventoryEntry;
import dev.ctr.proto.criu.MountEntry;
import dev.ctr.proto.criu.RegularFileEntry;
import dev.ctr.proto.criu.TaskKernelObjects;
import dev.ctr.proto.criu.ThreadCore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Archives whose tar is sound and whose wishes are not: each is refused in one sentence, leaves nothing, and changes nothing
 * outside of the container. One real checkpoint is the model of them all.
 */
class HostileImportTest {
    private static final CtrRoot ROOT = CtrRoot.create();
    private static final String CANARY = "canary";

    private static Engine engine;
    private static ArchiveParts model;

    /** What is changed in the model, and what the refusal has in it. */
    private record Case(String name, Consumer<ArchiveParts> change, String refusal) {
        @Override
        public String toString() {
            return name;
        }
    }

    @BeforeAll
    static void makeTheModel() throws IOException {
        ROOT.withBusybox();
        engine = Engines.of(ROOT);
        Container container = engine.create(Engines.busybox("sleep", "1000")
                .name("model")
                .volume(new CreateOptions.Volume("data", "/data", List.of())));
        container.start();
        Path archive = ROOT.directory().resolve("model.tar");
        container.checkpoint(new CheckpointOptions().exportTo(archive).compression(Compression.NONE));
        container.remove(true, false);
        engine.volumes().removeIfPresent("data");
        model = ArchiveParts.of(archive);
        Files.createDirectory(host());
        Files.writeString(host().resolve(CANARY), CANARY);
        Files.createSymbolicLink(host().resolve("etc"), Path.of("/etc"));
    }

    @AfterEach
    void removeEverything() {
        engine.containers().forEach(container -> container.remove(true, false));
        engine.volumes().removeIfPresent("data");
    }

    @AfterAll
    static void nothingIsLeft() {
        ROOT.close();
    }

    private static Path host() {
        return ROOT.directory().resolve("host");
    }

    static List<Case> cases() {
        List<Case> cases = new ArrayList<>();
        mounts(cases);
        privileges(cases);
        forms(cases);
        configurations(cases);
        parts(cases);
        trees(cases);
        images(cases);
        return cases;
    }

    private static void mounts(List<Case> cases) {
        cases.add(mount("a system directory", "bind", "/etc", "rbind", "/etc belongs to the system"));
        cases.add(mount("the whole host", "bind", "/", "rbind", "belongs to the system"));
        cases.add(mount("a bind that calls itself tmpfs", "tmpfs", "/etc", "rbind", "/etc belongs to the system"));
        cases.add(mount(
                "a link to a system directory",
                "bind",
                host().resolve("etc").toString(),
                "bind",
                "belongs to the system"));
        cases.add(mount("ctr's own root", "bind", ROOT.root().toString(), "bind", "belongs to the system"));
        cases.add(mount("a path with dots", "bind", "/tmp/../etc", "bind", "belongs to the system"));
        cases.add(mount("a relative path", "bind", "etc", "bind", "does not exist here"));
        cases.add(mount("a path with a NUL", "bind", "/tmp/\0", "bind", "is none"));
        cases.add(mount("propagation to the host", "bind", host().toString(), "rshared", "mount-propagation"));
        cases.add(mount("a disk", "ext4", "/dev/vda", "rw", "file system of type \"ext4\""));
        cases.add(mount("an overlay", "overlay", "overlay", "lowerdir=/", "file system of type \"overlay\""));
        cases.add(mount("a second proc", "proc", "proc", "rw", "mounts proc at /hostile"));
        cases.add(mount("a second sysfs", "sysfs", "sysfs", "ro", "mounts sysfs at /hostile"));
    }

    private static void privileges(List<Case> cases) {
        cases.add(spec(
                "hooks",
                spec -> spec.withArray("/hooks/createRuntime").addObject().put("path", "/bin/sh"),
                "runs hooks"));
        cases.add(linux(
                "a host namespace by path",
                linux -> namespace(linux, "pid").put("path", "/proc/1/ns/pid"),
                "joins the namespace"));
        cases.add(linux("the host's processes", linux -> remove(linux, "pid"), "shares the host's pid namespace"));
        cases.add(linux("the host's mounts", linux -> remove(linux, "mount"), "shares the host's mount namespace"));
        cases.add(linux(
                "a user namespace",
                linux -> linux.withArray("namespaces").addObject().put("type", "user"),
                "namespace of type \"user\""));
        cases.add(device("a disk's device", "/dev/vda", 254));
        cases.add(device("a disk by another name", "/dev/null", 8));
        cases.add(linux(
                "a rule for disks",
                linux -> linux.withArray("/resources/devices")
                        .addObject()
                        .put("allow", true)
                        .put("type", "b")
                        .put("major", 8)
                        .put("access", "rwm"),
                "may use the devices b 8:*"));
        cases.add(linux(
                "a rule for everything",
                linux -> linux.withArray("/resources/devices")
                        .addObject()
                        .put("allow", true)
                        .put("access", "rwm"),
                "every device of the host"));
        cases.add(linux("the host's memory", linux -> linux.remove("maskedPaths"), "/proc/kcore"));
        cases.add(linux("the host's controls", linux -> linux.remove("readonlyPaths"), "/proc/sys"));
        cases.add(linux(
                "a parameter of the host",
                linux -> linux.withObject("/sysctl").put("kernel.core_pattern", "|/bin/sh"),
                "kernel parameter kernel.core_pattern"));
        cases.add(spec(
                "a capability",
                spec -> spec.withArray("/process/capabilities/bounding").add("CAP_SYS_ADMIN"),
                "the capability CAP_SYS_ADMIN; a policy with capabilities naming it would allow it"));
        cases.add(spec(
                "control of the host's network",
                spec -> {
                    ObjectNode linux = (ObjectNode) spec.path("linux");
                    remove(linux, "network");
                    linux.remove("sysctl");
                    spec.withArray("/process/capabilities/effective").add("CAP_NET_ADMIN");
                },
                "the capability CAP_NET_ADMIN"));
    }

    private static void forms(List<Case> cases) {
        String none = "in a form that is none";
        cases.add(spec("mounts that are words", spec -> spec.put("mounts", "x"), none));
        cases.add(
                spec("a mount that is a word", spec -> spec.withArray("mounts").add("x"), none));
        cases.add(spec("annotations that are a list", spec -> spec.putArray("annotations"), none));
        cases.add(spec(
                "a namespace that is a number",
                spec -> spec.withArray("/linux/namespaces").add(1),
                "namespace of type \"\""));
        cases.add(spec("a process that is a number", spec -> spec.put("process", 1), none));
        cases.add(spec("linux that is a list", spec -> spec.putArray("linux"), none));
        cases.add(config(
                "ports that are words",
                config -> config.putObject("exposedPorts").putArray("x"),
                none));
        cases.add(new Case(
                "a specification that is a list",
                parts -> parts.with("spec.dump", "[]"),
                "does not hold a JSON object"));
        cases.add(new Case(
                "a specification that is nested without end",
                parts -> parts.with("spec.dump", "[".repeat(100_000)),
                "is not valid JSON"));
        cases.add(
                new Case("a configuration that is none", parts -> parts.with("config.dump", "x"), "is not valid JSON"));
        cases.add(new Case(
                "a configuration that is empty", parts -> parts.with("config.dump", "{}"), "names must match"));
    }

    private static void configurations(List<Case> cases) {
        cases.add(config(
                "a runtime of its own", config -> config.put("runtime", host() + "/evil"), "was created with runtime"));
        cases.add(config("an ID that is a path", config -> config.put("id", "../../../etc"), "no valid ID"));
        cases.add(config("a name that is a path", config -> config.put("name", "../evil"), "names must match"));
        cases.add(config("an empty name", config -> config.put("name", ""), "names must match"));
        cases.add(config(
                "a system directory as root",
                config -> config.put("rootfs", "/etc").remove("rootfsImageName"),
                "belongs to the system"));
        cases.add(config("the host as root", config -> config.put("rootfs", "/"), "belongs to the system"));
        cases.add(config("a relative root", config -> config.put("rootfs", "etc"), "is not here"));
        cases.add(
                config("a dependency", config -> config.putArray("Dependencies").add("ab".repeat(32)), "dependencies"));
        cases.add(config(
                "a namespace of another container", config -> config.put("netNsCtr", "ab".repeat(32)), "dependencies"));
        cases.add(config("a namespace of no container", config -> config.put("netNsCtr", "../x"), ""));
        cases.add(config("a pod", config -> config.put("pod", "ab".repeat(32)), ""));
        cases.add(config(
                "an image that is not here",
                config -> config.put("rootfsImageName", "none").put("rootfsImageID", "ab".repeat(32)),
                "is not in the store"));
        cases.add(config(
                "an image's name that is a path",
                config -> config.put("rootfsImageName", "../../etc").put("rootfsImageID", "../../etc"),
                ""));
        cases.add(config(
                "a volume whose name is a path",
                config -> ((ObjectNode) config.withArray("namedVolumes").get(0)).put("volumeName", "../../etc"),
                "names must match"));
        cases.add(config(
                "an overlay of a system directory",
                config -> config.putArray("overlayVolumes")
                        .addObject()
                        .put("source", "/etc")
                        .put("dest", "/x"),
                "belongs to the system"));
        cases.add(config(
                "a time zone that is a path",
                config -> config.put("timezone", "../../../etc/shadow"),
                "is not the name of a time zone"));
        cases.add(config(
                "a network whose name is a path",
                config -> config.put("createNetNS", true)
                        .put("networkMode", "bridge")
                        .putObject("newNetworks")
                        .putObject("../../evil"),
                "network not found"));
        cases.add(config(
                "an image volume of a path",
                config -> config.putArray("ctrImageVolumes")
                        .addObject()
                        .put("source", "/etc")
                        .put("dest", "/x"),
                "not in the store"));
    }

    private static void parts(List<Case> cases) {
        for (String name :
                List.of("config.dump", "spec.dump", "checkpoint/inventory.img", "checkpoint/descriptors.json")) {
            cases.add(new Case("no " + name, parts -> parts.without(name), "has no entry \"" + name + "\""));
        }
        cases.add(new Case(
                "images that are none", parts -> parts.with("checkpoint/inventory.img", "x"), "cannot restore model"));
        cases.add(new Case(
                "descriptors that are none",
                parts -> parts.with("checkpoint/descriptors.json", "x"),
                "cannot restore model"));
        cases.add(new Case(
                "addresses that are none",
                parts -> parts.with("network.status", "[1"),
                "network.status is not valid JSON"));
    }

    private static void trees(List<Case> cases) {
        for (String tree : List.of("rootfs-diff.tar", "volumes/data.tar", "devshm-checkpoint.tar")) {
            cases.add(tar(tree + " with a file above", tree, "../escaped", "leads out of its directory"));
            cases.add(tar(tree + " with an absolute file", tree, host() + "/escaped", "is an absolute name"));
            cases.add(new Case(
                    tree + " with a hard link to a host file",
                    parts -> parts.with(
                            tree,
                            ArchiveParts.tar(out ->
                                    ArchiveParts.addLink(out, "x", TarConstants.LF_LINK, host() + "/" + CANARY))),
                    "is an absolute name"));
            cases.add(new Case(tree + " that is none", parts -> parts.with(tree, "x".repeat(2000)), "no tar archive"));
        }
        cases.add(deleted("[\"/../../../../../../../" + host() + "/canary\"]", "leads out"));
        cases.add(deleted("[\"" + CANARY + "\"]", "no absolute path"));
        cases.add(deleted("[\"/\"]", "no absolute path"));
        cases.add(deleted("{\"a\": 1}", "no JSON array of paths"));
        cases.add(deleted("[null]", "no JSON array of paths"));
    }

    private static void images(List<Case> cases) {
        cases.add(thread(
                "a process with a capability more",
                core -> core.getCredsBuilder()
                        .setCapEff(0, 1 << 21 | core.getCreds().getCapEff(0)),
                "has the capability CAP_SYS_ADMIN, which the specification does not give it"));
        cases.add(thread(
                "a process that may get one",
                core -> core.getCredsBuilder().setCapBnd(1, 1 << 7),
                "has the capability CAP_BPF"));
        cases.add(thread(
                "a process without a filter",
                core -> core.setSeccompMode(0),
                "is without the seccomp filter that the specification demands"));
        cases.add(spec(
                "a specification that forbids more than its processes have",
                spec -> spec.withObject("/process").put("noNewPrivileges", true),
                "may gain privileges, which the specification forbids"));
        cases.add(spec(
                "a specification with another profile than its processes",
                spec -> spec.withObject("/process").put("apparmorProfile", "strict"),
                "is under the security profile \"\", where the specification demands \"strict\""));
        for (String kind : List.of("pid", "mount")) {
            cases.add(new Case(
                    "a process in the host's " + kind + " namespace",
                    parts -> parts.image("ids-1.img", TaskKernelObjects.parser(), ids -> hosts(parts, ids, kind)),
                    "shares the host's " + kind + " namespace, where the specification gives it its own"));
        }
        cases.add(dumpedMount("a disk", 16, "ext4", "/hostile", "file system of type \"ext4\" at /hostile"));
        cases.add(dumpedMount("the host's devices", 3, "tmpfs", "/hostile", "of type \"devtmpfs\""));
        cases.add(dumpedMount("an overlay of the host", 17, "", "/hostile", "of type \"overlay\""));
        cases.add(dumpedMount("an open proc", 1, "", "/hostile", "mounts proc at /hostile"));
        cases.add(dumpedMount("the host's controls", 1, "", "/proc/sys", "may use this host's /proc/sys"));
        cases.add(dumpedMount("a writable sysfs", 2, "", "/sys/kernel", "may write to /sys"));
        cases.add(dumpedMount("a writable cgroup", 12, "", "/sys/fs/cgroup/x", "may write to /sys/fs/cgroup"));
        cases.add(dumpedMount("a second root", 5, "", "/", "has 2 mounts at /"));
        cases.add(new Case(
                "an open disk",
                parts -> parts.addRecord(
                        "files.img",
                        FileEntry.newBuilder()
                                .setType(FileType.REG)
                                .setId(1000)
                                .setReg(RegularFileEntry.newBuilder()
                                        .setId(1000)
                                        .setFlags(2)
                                        .setPos(0)
                                        .setMode(0060666)
                                        .setName(ByteString.copyFromUtf8("/dev/vda")))
                                .build()),
                "has the device /dev/vda open"));
        cases.add(new Case(
                "a process without its image", parts -> parts.without("checkpoint/core-1.img"), "has no core-1.img"));
    }

    private static Case thread(String name, Consumer<ThreadCore.Builder> change, String refusal) {
        return new Case(
                name,
                parts -> parts.image("core-1.img", CoreEntry.parser(), core -> {
                    CoreEntry.Builder builder = core.toBuilder();
                    change.accept(builder.getThreadCoreBuilder());
                    return builder.build();
                }),
                refusal);
    }

    private static TaskKernelObjects hosts(ArchiveParts parts, TaskKernelObjects ids, String kind) {
        TaskKernelObjects.Builder changed = ids.toBuilder();
        parts.image("inventory.img", InventoryEntry.parser(), inventory -> {
            TaskKernelObjects host = inventory.getRootIds();
            if (kind.equals("pid")) {
                changed.setPidNsId(host.getPidNsId());
            } else {
                changed.setMntNsId(host.getMntNsId());
            }
            return inventory;
        });
        return changed.build();
    }

    private static Case dumpedMount(String name, int type, String typeName, String place, String refusal) {
        return new Case(
                "images that mount " + name,
                parts -> parts.addRecord(
                        parts.imageNamed("mountpoints-"),
                        MountEntry.newBuilder()
                                .setFstype(type)
                                .setFsname(ByteString.copyFromUtf8(typeName))
                                .setMntId(9000)
                                .setParentMntId(1)
                                .setFlags(0)
                                .setRoot(ByteString.copyFromUtf8("/"))
                                .setMountpoint(ByteString.copyFromUtf8(place))
                                .setSource(ByteString.copyFromUtf8("/dev/vda"))
                                .build()),
                refusal);
    }

    @Test
    void thereAreManyOfThem() {
        assertThat(cases()).hasSizeGreaterThan(70).extracting(Case::name).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aHostileWishIsRefusedInOneSentence(Case hostile) throws IOException {
        ArchiveParts archive = model.copy();
        hostile.change().accept(archive);

        assertThatThrownBy(() -> engine.restore(archive.stream(), new RestoreOptions()))
                .isInstanceOf(EngineException.class)
                .hasMessageContaining(hostile.refusal())
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n").hasSizeGreaterThan(20));

        assertNothingIsLeft();
    }

    @Test
    void whatLinksLeadToInTheContainerIsNotTheHosts() throws IOException {
        ArchiveParts archive = model.copy()
                .with("rootfs-diff.tar", ArchiveParts.tar(out -> {
                    ArchiveParts.add(out, host().toString().substring(1) + "/own", new byte[0]);
                    ArchiveParts.addLink(out, "way", TarConstants.LF_SYMLINK, host().toString());
                    ArchiveParts.add(out, "way/" + CANARY, "overwritten".getBytes(StandardCharsets.UTF_8));
                    ArchiveParts.addLink(out, "out", TarConstants.LF_SYMLINK, "../../../../../../../../../..");
                }))
                .with("deleted.files", "[\"/way/canary\", \"/out" + host() + "/canary\"]");

        engine.restore(archive.stream(), new RestoreOptions());
        removeEverything();

        assertNothingIsLeft();
    }

    @Test
    void aPolicyGrantsWhatItNames() throws IOException {
        ArchiveParts archive = model.copy().spec(spec -> {
            spec.withArray("/process/capabilities/bounding").add("CAP_SYS_ADMIN");
            addMount(spec, "bind", host().toString(), "rshared");
            spec.withObject("/annotations").put("run.oci.x", "kept").put("org.systemd.property.X", "left out");
        });
        RestorePolicy policy = RestorePolicy.of(Map.of(
                "capabilities", "ordinary, CAP_SYS_ADMIN", "mount-propagation", "true", "annotations", "run.oci.*"));
        RestoreOptions options = new RestoreOptions().policy(policy);
        assertThatThrownBy(
                        () -> engine.restore(model.stream(), new RestoreOptions().policy(policy.requiringManifest())))
                .hasMessageContaining("has no manifest");
        assertThatThrownBy(() -> engine.restore(
                        model.stream(), new RestoreOptions().policy(RestorePolicy.of(Map.of("max-size", "1k")))))
                .hasMessageContaining("unpacks to more than 1024 bytes");
        assertThatThrownBy(() -> RestorePolicy.of(Map.of("hooks", "yes")))
                .hasMessageContaining("must be true or false");

        assertThat(engine.restore(archive.stream(), options).warnings())
                .anySatisfy(warning -> assertThat(warning).contains("standard input has no manifest"))
                .anySatisfy(warning -> assertThat(warning).contains("left out the annotation org.systemd.property.X"));
        assertThat(engine.container("model").config().annotations()).containsKey("run.oci.x");
        removeEverything();

        assertNothingIsLeft();
    }

    private static void assertNothingIsLeft() throws IOException {
        assertThat(engine.containers()).isEmpty();
        assertThat(engine.volumes().list()).isEmpty();
        assertThat(ROOT.root().resolve("staging")).isEmptyDirectory();
        assertThat(ROOT.root().resolve("containers")).isEmptyDirectory();
        assertThat(host().resolve(CANARY)).hasContent(CANARY);
        try (var files = Files.list(host())) {
            assertThat(files.count()).isEqualTo(2);
        }
    }

    private static Case mount(String name, String type, String source, String option, String refusal) {
        return spec("mounting " + name, spec -> addMount(spec, type, source, option), refusal);
    }

    private static void addMount(ObjectNode spec, String type, String source, String option) {
        ObjectNode mount = spec.withArray("mounts").addObject();
        mount.put("destination", "/hostile").put("type", type).put("source", source);
        if (option.equals("rshared")) {
            mount.putArray("options").add("rbind").add("rshared");
        } else {
            mount.putArray("options").add(option);
        }
    }

    private static Case spec(String name, Consumer<ObjectNode> change, String refusal) {
        return new Case(name, parts -> parts.spec(change), refusal);
    }

    private static Case linux(String name, Consumer<ObjectNode> change, String refusal) {
        return spec(name, spec -> change.accept((ObjectNode) spec.path("linux")), refusal);
    }

    private static Case device(String name, String path, int major) {
        return linux(
                name,
                linux -> linux.withArray("devices")
                        .addObject()
                        .put("path", path)
                        .put("type", "b")
                        .put("major", major)
                        .put("minor", 0),
                "needs the device " + path);
    }

    private static Case config(String name, Consumer<ObjectNode> change, String refusal) {
        return new Case(name, parts -> parts.config(change), refusal);
    }

    private static Case tar(String name, String tree, String file, String refusal) {
        return new Case(
                name,
                parts -> parts.with(tree, ArchiveParts.tar(out -> ArchiveParts.add(out, file, new byte[] {'x'}))),
                refusal);
    }

    private static Case deleted(String json, String refusal) {
        return new Case("deleting " + json, parts -> parts.with("deleted.files", json), refusal);
    }

    private static ObjectNode namespace(ObjectNode linux, String type) {
        for (JsonNode namespace : linux.path("namespaces")) {
            if (namespace.path("type").asText().equals(type)) {
                return (ObjectNode) namespace;
            }
        }
        throw new AssertionError("no namespace of type " + type);
    }

    private static void remove(ObjectNode linux, String type) {
        ArrayNode namespaces = (ArrayNode) linux.path("namespaces");
        for (int i = namespaces.size() - 1; i >= 0; i--) {
            if (namespaces.get(i).path("type").asText().equals(type)) {
                namespaces.remove(i);
            }
        }
    }
}

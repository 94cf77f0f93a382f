package dev.ctr.cli.archive;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.archive.inspect.CheckpointOverview;
import dev.ctr.archive.inspect.CheckpointReport;
import dev.ctr.archive.inspect.MappingMemory;
import dev.ctr.archive.inspect.ProcessReport;
import dev.ctr.criu.DumpStatistics;
import dev.ctr.criu.image.DumpedMount;
import dev.ctr.criu.image.DumpedProcess;
import dev.ctr.criu.image.OpenDescriptor;
import dev.ctr.criu.image.OpenFile;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;

/** A checkpoint as JSON, under checkpointctl's names where it has them. Sizes are bytes, times microseconds. */
final class CheckpointJson {
    private CheckpointJson() {}

    static ObjectNode overview(CheckpointOverview overview) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("container_name", overview.container())
                .put("image", overview.image())
                .put("id", overview.id())
                .put("runtime", overview.runtime())
                .put("created", overview.created())
                .put("engine", overview.engine());
        ArrayNode networks = json.putArray("networks");
        overview.networks()
                .forEach(network -> networks.addObject()
                        .put("name", network.name())
                        .put("interface", network.networkInterface())
                        .put("ip", network.address())
                        .put("mac", network.mac()));
        ObjectNode sizes = json.putObject("checkpoint_size");
        sizes.put("total_size", overview.checkpointBytes())
                .put("memory_pages_size", overview.pagesBytes())
                .put("root_fs_diff_size", overview.rootfsBytes());
        ObjectNode volumes = sizes.putObject("volumes");
        overview.volumes().forEach(volumes::put);
        return json;
    }

    static ObjectNode report(CheckpointReport report, Sections sections) {
        ObjectNode json = overview(report.overview());
        json.put("hostname", report.hostname());
        report.levels().forEach(json.putArray("levels")::add);
        json.put("parent_missing", report.parentMissing());
        if (sections.statistics()) {
            report.overview()
                    .statistics()
                    .ifPresent(statistics -> statistics(json.putObject("statistics"), statistics));
        }
        if (sections.metadata()) {
            ObjectNode annotations = json.putObject("metadata").putObject("annotations");
            report.overview().annotations().forEach(annotations::put);
        }
        if (sections.processes()) {
            ArrayNode trees = json.putArray("process_tree");
            report.tree().roots().forEach(root -> trees.add(process(root, report, sections)));
        }
        if (sections.files()) {
            perProcess(json.putArray("file_descriptors"), report, "open_files", CheckpointJson::openFiles);
        }
        if (sections.sockets()) {
            perProcess(json.putArray("sockets"), report, "open_sockets", CheckpointJson::openSockets);
        }
        if (sections.memory()) {
            perProcess(json.putArray("memory"), report, "mappings", CheckpointJson::mappings);
        }
        if (sections.mounts()) {
            ArrayNode mounts = json.putArray("mounts");
            report.mounts().forEach(mount -> mount(mounts.addObject(), mount));
        }
        return json;
    }

    private static void statistics(ObjectNode json, DumpStatistics statistics) {
        json.put("freezing_time", statistics.freezingMicros())
                .put("frozen_time", statistics.frozenMicros())
                .put("memdump_time", statistics.memoryDumpMicros())
                .put("memwrite_time", statistics.memoryWriteMicros())
                .put("pages_scanned", statistics.pagesScanned())
                .put("pages_skipped_parent", statistics.pagesSkippedParent())
                .put("pages_written", statistics.pagesWritten())
                .put("pages_lazy", statistics.pagesLazy());
    }

    private static ObjectNode process(DumpedProcess process, CheckpointReport report, Sections sections) {
        ProcessReport found = report.of(process);
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("pid", process.pid())
                .put("command", process.name())
                .put("cmdline", String.join(" ", found.arguments()))
                .put("program", found.program())
                .put("state", process.state().name().toLowerCase(Locale.ROOT))
                .put("pgid", process.group())
                .put("sid", process.session())
                .put("uid", process.uid())
                .put("gid", process.gid())
                .put("threads", process.threads().size());
        found.arguments().forEach(json.putArray("arguments")::add);
        if (sections.environment()) {
            found.environment().forEach(json.putArray("environment")::add);
        }
        List<DumpedProcess> children = report.tree().children(process);
        if (!children.isEmpty()) {
            ArrayNode array = json.putArray("children");
            children.forEach(child -> array.add(process(child, report, sections)));
        }
        return json;
    }

    private static void perProcess(
            ArrayNode array, CheckpointReport report, String key, BiConsumer<ArrayNode, ProcessReport> content) {
        for (DumpedProcess process : report.tree().all()) {
            ObjectNode json = JsonNodeFactory.instance.objectNode().put("pid", process.pid());
            content.accept(json.putArray(key), report.of(process));
            if (!json.path(key).isEmpty()) {
                array.add(json);
            }
        }
    }

    private static void openFiles(ArrayNode array, ProcessReport process) {
        for (OpenDescriptor descriptor : process.descriptors()) {
            ObjectNode json = array.addObject();
            json.put("type", descriptor.type())
                    .put("fd", Integer.toString(descriptor.number()))
                    .put("path", FileText.path(descriptor.file()));
            if (descriptor.file() instanceof OpenFile.Regular file) {
                json.put("position", file.position()).put("size", file.size()).put("deleted", file.deleted());
            } else if (descriptor.file() instanceof OpenFile.Pipe pipe) {
                json.put("buffered", pipe.buffered());
            }
        }
        directory(array, "cwd", process.workingDirectory());
        directory(array, "root", process.rootDirectory());
    }

    private static void directory(ArrayNode array, String name, String path) {
        if (!path.isEmpty()) {
            array.addObject().put("type", "").put("fd", name).put("path", path);
        }
    }

    private static void openSockets(ArrayNode array, ProcessReport process) {
        for (OpenDescriptor descriptor : process.descriptors()) {
            if (descriptor.file().isSocket()) {
                ObjectNode json = array.addObject().put("fd", Integer.toString(descriptor.number()));
                socket(json, descriptor.file());
            }
        }
    }

    private static void socket(ObjectNode json, OpenFile file) {
        if (file instanceof OpenFile.Inet inet) {
            json.put("protocol", inet.protocol())
                    .putObject("data")
                    .put("type", inet.protocol())
                    .put("state", inet.state())
                    .put("src", inet.local().address())
                    .put("src_port", inet.local().port())
                    .put("dst", inet.remote().address())
                    .put("dst_port", inet.remote().port())
                    .put("receive_queue", inet.receiveQueue())
                    .put("send_queue", inet.sendQueue());
        } else if (file instanceof OpenFile.Unix unix) {
            json.put("protocol", "UNIX")
                    .putObject("data")
                    .put("type", unix.type())
                    .put("state", unix.state())
                    .put("address", unix.name())
                    .put("inode", unix.inode())
                    .put("peer", unix.peer())
                    .put("receive_queue", unix.receiveQueue());
        } else if (file instanceof OpenFile.Packet packet) {
            json.put("protocol", "PACKET")
                    .putObject("data")
                    .put("type", packet.type())
                    .put("ethernet_protocol", packet.protocol())
                    .put("interface", packet.networkInterface());
        } else if (file instanceof OpenFile.Netlink netlink) {
            json.put("protocol", "NETLINK")
                    .putObject("data")
                    .put("netlink_protocol", netlink.protocol())
                    .put("port", netlink.port());
        }
    }

    private static void mappings(ArrayNode array, ProcessReport process) {
        for (MappingMemory memory : process.memory()) {
            array.addObject()
                    .put("start", "0x" + Long.toHexString(memory.mapping().start()))
                    .put("end", "0x" + Long.toHexString(memory.mapping().end()))
                    .put("permissions", memory.mapping().permissions())
                    .put("name", memory.mapping().name())
                    .put("size", memory.mapping().size())
                    .put("present", memory.present())
                    .put("zero", memory.zero())
                    .put("parent", memory.parent())
                    .put("lazy", memory.lazy())
                    .put("missing", memory.missing());
        }
    }

    private static void mount(ObjectNode json, DumpedMount mount) {
        json.put("destination", mount.mountPoint())
                .put("type", mount.type())
                .put("source", mount.source())
                .put("root", mount.root())
                .put("options", mount.options())
                .put("external", !mount.external().isEmpty());
    }
}

package dev.ctr.test;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.criu.Criu;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * How a container is moved with nothing but runc, tar and netcat: {@code runc checkpoint}, the images over a plain stream into the
 * other host's memory, {@code runc restore}. What can be made ready before is: the root file system and the bundle on both hosts, the
 * target's network namespace with the address, the listening end of the stream. The interface leaves the one bridge when the dump is
 * complete, and joins the other, with a gratuitous ARP, when the restore has returned. All of it is one shell script.
 */
final class StockMigration implements AutoCloseable {
    /** The container's address, of none of the hosts' ranges. */
    static final String ADDRESS = TestHost.SUBNET + "240";

    private static final Map<String, String> PATH_WITH_CRIU =
            Map.of("PATH", Criu.searchPath(Objects.requireNonNullElse(System.getenv("PATH"), "/usr/bin:/bin")));

    private static final String MAC = "02:00:00:00:77:f0";
    private static final int PORT = 7000;
    private static final String NAME = "stock";

    /** One host's end of it. */
    private record End(TestHost host, Path directory) {
        String namespace() {
            return "stock-" + host.root().directory().getFileName();
        }

        String onHost() {
            return "nsenter --net=" + host.namespace() + " ";
        }

        /** In the host's network, because CRIU looks at the network of whoever starts it. */
        String runc() {
            return onHost() + "runc --root " + directory.resolve("state") + " ";
        }

        Path images() {
            return directory.resolve("images");
        }
    }

    private End source;
    private End target;

    private StockMigration(End source, End target) {
        this.source = source;
        this.target = target;
    }

    /** Lays out the root file system in a tar on both hosts, and starts the command on the first. */
    static StockMigration start(TestHost a, TestHost b, Path tar, List<String> command) throws IOException {
        StockMigration stock = new StockMigration(end(a), end(b));
        try {
            for (End end : List.of(stock.source, stock.target)) {
                stock.layOut(end, tar, command);
            }
            shell(joining(stock.source));
            shell(stock.source.runc() + "run --detach --bundle " + stock.source.directory() + " " + NAME
                    + " </dev/null >/dev/null 2>&1");
            return stock;
        } catch (IOException | RuntimeException | AssertionError e) {
            stock.close();
            throw e;
        }
    }

    private static End end(TestHost host) {
        return new End(host, host.root().directory().resolve("stock"));
    }

    private void layOut(End end, Path tar, List<String> command) throws IOException {
        Path rootfs = Files.createDirectories(end.directory().resolve("rootfs"));
        Files.createDirectories(end.images());
        shell("mount -t tmpfs -o size=1g stock " + end.images());
        Commands.run("tar", "-C", rootfs.toString(), "-xf", tar.toString()).succeeded();
        String name = end.namespace();
        shell("ip netns add " + name + " && ip link add stock0 netns " + name + " address " + MAC
                + " type veth peer name stock0 netns " + end.host().namespace() + " && ip -n " + name
                + " addr add " + ADDRESS + "/24 dev stock0 && ip -n " + name + " link set stock0 up && ip -n " + name
                + " link set lo up && ip netns exec " + name + " sysctl -qw net.ipv4.conf.stock0.arp_notify=1 && "
                + end.onHost() + "ip link set stock0 up");
        String spec = Commands.run("sh", "-c", "cd " + end.directory() + " && runc spec && cat config.json")
                .succeeded();
        Files.writeString(end.directory().resolve("config.json"), specification(spec, end, command));
    }

    private static String specification(String spec, End end, List<String> command) throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode root = (ObjectNode) mapper.readTree(spec);
        ObjectNode process = root.withObjectProperty("process");
        process.put("terminal", false);
        process.put("cwd", "/");
        process.set("args", mapper.valueToTree(command));
        process.remove("rlimits");
        root.withObjectProperty("root").put("readonly", false);
        ObjectNode linux = root.withObjectProperty("linux");
        linux.put("cgroupsPath", end.host().root().cgroupParent() + "/" + NAME);
        for (JsonNode namespace : linux.withArrayProperty("namespaces")) {
            if (namespace.path("type").asText().equals("network")) {
                ((ObjectNode) namespace).put("path", "/run/netns/" + end.namespace());
            }
        }
        return mapper.writeValueAsString(root);
    }

    private static String joining(End end) {
        return end.onHost() + "ip link set stock0 master lan0; ip -n " + end.namespace() + " link set stock0 address "
                + MAC;
    }

    private static void shell(String script) {
        Commands.run("sh", "-ec", script).succeeded();
    }

    /** Moves it to the other host, and returns what each step took, a line each. */
    String move() {
        String script = """
                time() { printf '%%s %%s\\n' "$1" "$(($(date +%%s%%N) / 1000))"; }
                [ -p %12$s ] || mkfifo %12$s
                %1$sbusybox nc -l -p %2$d <>%12$s | tar -C %3$s -xf - & receiving=$!
                until %1$sss -Hltn sport = %2$d | grep -q .; do :; done
                time begin
                %4$scheckpoint --tcp-established --image-path %5$s %6$s
                time checkpoint
                %7$sip link set stock0 nomaster
                tar -C %5$s -cf - . | %7$sbusybox nc %8$s %2$d
                wait $receiving
                time copy
                %9$srestore --detach --tcp-established --image-path %3$s --bundle %10$s %6$s </dev/null >/dev/null 2>&1
                time restore
                %11$s
                time join
                """.formatted(
                        target.onHost(),
                        PORT,
                        target.images(),
                        source.runc(),
                        source.images(),
                        NAME,
                        source.onHost(),
                        target.host().address(),
                        target.runc(),
                        target.directory(),
                        joining(target),
                        target.directory().resolve("never-ending"));
        String output =
                Commands.run(PATH_WITH_CRIU, List.of("sh", "-ec", script)).succeeded();
        shell("rm -rf " + source.images() + "/* " + target.images() + "/*");
        End there = target;
        target = source;
        source = there;
        return steps(output);
    }

    private static String steps(String times) {
        List<String> steps = new ArrayList<>();
        long last = 0;
        for (String line : times.lines().toList()) {
            String[] words = line.split(" ", 2);
            long now = Long.parseLong(words[1]);
            if (last > 0) {
                steps.add(words[0] + " " + (now - last) / 1000);
            }
            last = now;
        }
        return String.join(", ", steps);
    }

    @Override
    public void close() {
        for (End end : List.of(source, target)) {
            Commands.run("sh", "-c", end.runc() + "delete --force " + NAME);
            Commands.run("umount", end.images().toString());
            Commands.run("ip", "netns", "delete", end.namespace());
            Leftovers.deleteTree(end.directory());
        }
    }
}

package dev.ctr.lifecycle.network;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.lifecycle.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Names by which the containers of one root find each other. Each that is attached has a file here, which says what it is called
 * on which network; and whoever adds or removes one rewrites the {@code /etc/hosts} of all that share a network with it.
 *
 * @param ledger what the containers of the host hold, and the lock
 * @param rootHash tells the roots apart
 */
record NameLedger(HostLedger ledger, String rootHash) {
    private static final String SUFFIX = ".json";

    /**
     * A container.
     *
     * @param stateDirectory where its attachment record is; without the record, its names are void
     * @param hostsFile its {@code /etc/hosts} on the host
     * @param networks its networks by name, with its addresses and names on each
     */
    record Member(Path stateDirectory, Path hostsFile, Map<String, Names> networks) {
        boolean sharesNetworkWith(Member other) {
            return !Collections.disjoint(networks.keySet(), other.networks.keySet());
        }
    }

    /** The addresses and names that a container has on one network. */
    record Names(List<String> addresses, List<String> names) {}

    /** Enters a container, in place of what was entered for it before, and rewrites the hosts files. */
    void publish(String owner, Member member) throws IOException {
        ledger.exclusively(() -> {
            Map<String, Member> members = members();
            Member before = members.getOrDefault(owner, member);
            JsonFiles.write(file(owner), toJson(member));
            members.put(owner, member);
            rewrite(members, List.of(before, member));
            return member;
        });
    }

    /** Removes a container, if it is entered, and rewrites the hosts files of the others. */
    void withdraw(String owner) throws IOException {
        if (!Files.exists(file(owner))) {
            return;
        }
        ledger.exclusively(() -> {
            Map<String, Member> members = members();
            Member gone = members.remove(owner);
            if (gone != null) {
                rewrite(members, List.of(gone));
            }
            return Files.deleteIfExists(file(owner));
        });
    }

    private static void rewrite(Map<String, Member> members, List<Member> changed) throws IOException {
        for (Map.Entry<String, Member> entry : members.entrySet()) {
            if (changed.stream().anyMatch(entry.getValue()::sharesNetworkWith)) {
                LiveHosts.replaceOthers(entry.getValue().hostsFile(), neighbours(entry.getKey(), members));
            }
        }
    }

    /** The lines of a hosts file that name the others on a container's networks. */
    private static List<String> neighbours(String owner, Map<String, Member> members) {
        List<String> lines = new ArrayList<>();
        Member self = Objects.requireNonNull(members.get(owner));
        members.forEach((other, member) -> member.networks().forEach((network, names) -> {
            if (!other.equals(owner) && self.networks().containsKey(network)) {
                names.addresses().forEach(address -> lines.add(address + "\t" + String.join(" ", names.names())));
            }
        }));
        return lines.stream().distinct().toList();
    }

    /** Everybody who is attached, by owner, in the order of their IDs. */
    private Map<String, Member> members() throws IOException {
        Map<String, Member> members = new LinkedHashMap<>();
        if (!Files.isDirectory(directory())) {
            return members;
        }
        try (Stream<Path> files = Files.list(directory())) {
            for (Path file : files.filter(NameLedger::isMember).sorted().toList()) {
                Member member = fromJson(Json.readObject(file));
                if (AttachmentRecord.existsIn(member.stateDirectory())) {
                    String name = file.getFileName().toString();
                    members.put(name.substring(0, name.length() - SUFFIX.length()), member);
                } else {
                    Files.deleteIfExists(file);
                }
            }
        }
        return members;
    }

    private static boolean isMember(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith(SUFFIX) && !name.startsWith(".");
    }

    private static ObjectNode toJson(Member member) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("state_directory", member.stateDirectory().toString());
        json.put("hosts_file", member.hostsFile().toString());
        ObjectNode networks = json.putObject("networks");
        member.networks().forEach((network, names) -> {
            ObjectNode one = networks.putObject(network);
            ArrayNode addresses = one.putArray("addresses");
            names.addresses().forEach(addresses::add);
            ArrayNode words = one.putArray("names");
            names.names().forEach(words::add);
        });
        return json;
    }

    private static Member fromJson(ObjectNode json) {
        Map<String, Names> networks = new LinkedHashMap<>();
        json.path("networks")
                .properties()
                .forEach(entry -> networks.put(
                        entry.getKey(),
                        new Names(
                                texts(entry.getValue().path("addresses")),
                                texts(entry.getValue().path("names")))));
        return new Member(
                Path.of(json.path("state_directory").asText()),
                Path.of(json.path("hosts_file").asText()),
                networks);
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(text -> texts.add(text.asText()));
        return texts;
    }

    private Path directory() {
        return ledger.directory().resolve("names-" + rootHash);
    }

    private Path file(String owner) {
        return directory().resolve(owner + SUFFIX);
    }
}

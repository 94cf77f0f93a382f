package dev.ctr.lifecycle.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The config blob of an image: what {@link ImageConfig} tells, when it was built, and the digests of its layers.
 *
 * @param onBuild instructions for whoever builds on the image; docker's form only
 */
record ConfigFile(ImageConfig config, Instant created, List<Digest> diffIds, List<String> onBuild) {
    private static final String WHAT = "image config";

    ConfigFile {
        diffIds = List.copyOf(diffIds);
        onBuild = List.copyOf(onBuild);
    }

    ConfigFile(ImageConfig config, Instant created, List<Digest> diffIds) {
        this(config, created, diffIds, List.of());
    }

    static ConfigFile parse(byte[] content) throws IOException {
        JsonNode root = Json.parse(content, WHAT);
        if (!root.isObject()) {
            throw Json.bad(WHAT, "it is not an object");
        }
        JsonNode run = Json.optionalObject(root, "config", WHAT);
        ImageConfig config = new ImageConfig(
                Json.text(root, "architecture", WHAT),
                Json.text(root, "os", WHAT),
                Json.text(root, "author", WHAT),
                Json.texts(run, "Env", WHAT),
                Json.texts(run, "Entrypoint", WHAT),
                Json.texts(run, "Cmd", WHAT),
                Json.text(run, "WorkingDir", WHAT),
                Json.text(run, "User", WHAT),
                Json.keys(run, "ExposedPorts", WHAT),
                Json.keys(run, "Volumes", WHAT),
                Json.textMap(run, "Labels", WHAT),
                Json.text(run, "StopSignal", WHAT),
                history(root));
        return new ConfigFile(config, instant(root), diffIds(root), Json.texts(run, "OnBuild", WHAT));
    }

    private static List<ImageConfig.History> history(JsonNode root) {
        List<ImageConfig.History> history = new ArrayList<>();
        for (JsonNode step : Json.array(root, "history", WHAT)) {
            history.add(new ImageConfig.History(
                    instant(step),
                    Json.text(step, "created_by", WHAT),
                    Json.text(step, "author", WHAT),
                    Json.text(step, "comment", WHAT),
                    step.path("empty_layer").asBoolean()));
        }
        return history;
    }

    private static List<Digest> diffIds(JsonNode root) {
        List<Digest> diffIds = new ArrayList<>();
        JsonNode rootfs = Json.optionalObject(root, "rootfs", WHAT);
        for (JsonNode diffId : Json.array(rootfs, "diff_ids", WHAT)) {
            diffIds.add(Json.digest(diffId, WHAT));
        }
        return diffIds;
    }

    private static Instant instant(JsonNode object) {
        String text = Json.text(object, "created", WHAT);
        if (text.isEmpty()) {
            return Instant.EPOCH;
        }
        try {
            return Instant.parse(text);
        } catch (DateTimeException e) {
            throw Json.bad(WHAT, "\"" + text + "\" is not a point in time");
        }
    }

    byte[] toJson() {
        ObjectNode root = Json.object();
        root.put("created", created.toString());
        putText(root, "author", config.author());
        root.put("architecture", config.architecture());
        root.put("os", config.os());
        root.set("config", runConfig());
        ObjectNode rootfs = root.putObject("rootfs");
        rootfs.put("type", "layers");
        ArrayNode array = rootfs.putArray("diff_ids");
        diffIds.forEach(diffId -> array.add(diffId.toString()));
        ArrayNode history = root.putArray("history");
        for (ImageConfig.History step : config.history()) {
            ObjectNode node = history.addObject();
            node.put("created", step.created().toString());
            putText(node, "created_by", step.createdBy());
            putText(node, "author", step.author());
            putText(node, "comment", step.comment());
            if (step.emptyLayer()) {
                node.put("empty_layer", true);
            }
        }
        return Json.bytes(root);
    }

    private ObjectNode runConfig() {
        ObjectNode run = Json.object();
        putText(run, "User", config.user());
        putSet(run, "ExposedPorts", config.exposedPorts());
        putTexts(run, "Env", config.env());
        putTexts(run, "Entrypoint", config.entrypoint());
        putTexts(run, "Cmd", config.cmd());
        putSet(run, "Volumes", config.volumes());
        putText(run, "WorkingDir", config.workingDir());
        if (!config.labels().isEmpty()) {
            ObjectNode labels = run.putObject("Labels");
            config.labels().forEach(labels::put);
        }
        putText(run, "StopSignal", config.stopSignal());
        putTexts(run, "OnBuild", onBuild);
        return run;
    }

    private static void putText(ObjectNode node, String key, String text) {
        if (!text.isEmpty()) {
            node.put(key, text);
        }
    }

    private static void putTexts(ObjectNode node, String key, List<String> texts) {
        if (!texts.isEmpty()) {
            ArrayNode array = node.putArray(key);
            texts.forEach(array::add);
        }
    }

    private static void putSet(ObjectNode node, String key, List<String> members) {
        if (!members.isEmpty()) {
            ObjectNode set = node.putObject(key);
            members.forEach(set::putObject);
        }
    }
}

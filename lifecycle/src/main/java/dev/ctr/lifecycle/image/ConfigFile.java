package dev.ctr.lifecycle.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.lifecycle.Json;
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
        JsonNode root = ImageJson.parse(content, WHAT);
        if (!root.isObject()) {
            throw ImageJson.bad(WHAT, "it is not an object");
        }
        JsonNode run = ImageJson.optionalObject(root, "config", WHAT);
        ImageConfig config = new ImageConfig(
                ImageJson.text(root, "architecture", WHAT),
                ImageJson.text(root, "os", WHAT),
                ImageJson.text(root, "author", WHAT),
                ImageJson.texts(run, "Env", WHAT),
                ImageJson.texts(run, "Entrypoint", WHAT),
                ImageJson.texts(run, "Cmd", WHAT),
                ImageJson.text(run, "WorkingDir", WHAT),
                ImageJson.text(run, "User", WHAT),
                ImageJson.keys(run, "ExposedPorts", WHAT),
                ImageJson.keys(run, "Volumes", WHAT),
                ImageJson.textMap(run, "Labels", WHAT),
                ImageJson.text(run, "StopSignal", WHAT),
                history(root));
        return new ConfigFile(config, instant(root), diffIds(root), ImageJson.texts(run, "OnBuild", WHAT));
    }

    private static List<ImageConfig.History> history(JsonNode root) {
        List<ImageConfig.History> history = new ArrayList<>();
        for (JsonNode step : ImageJson.array(root, "history", WHAT)) {
            history.add(new ImageConfig.History(
                    instant(step),
                    ImageJson.text(step, "created_by", WHAT),
                    ImageJson.text(step, "author", WHAT),
                    ImageJson.text(step, "comment", WHAT),
                    step.path("empty_layer").asBoolean()));
        }
        return history;
    }

    private static List<Digest> diffIds(JsonNode root) {
        List<Digest> diffIds = new ArrayList<>();
        JsonNode rootfs = ImageJson.optionalObject(root, "rootfs", WHAT);
        for (JsonNode diffId : ImageJson.array(rootfs, "diff_ids", WHAT)) {
            diffIds.add(ImageJson.digest(diffId, WHAT));
        }
        return diffIds;
    }

    private static Instant instant(JsonNode object) {
        String text = ImageJson.text(object, "created", WHAT);
        if (text.isEmpty()) {
            return Instant.EPOCH;
        }
        try {
            return Instant.parse(text);
        } catch (DateTimeException e) {
            throw ImageJson.bad(WHAT, "\"" + text + "\" is not a point in time");
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

package dev.ctr.lifecycle.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.lifecycle.Json;

/**
 * Points at a blob (OCI image specification, "Content Descriptors").
 *
 * @param mediaType what the blob is
 * @param digest its digest
 * @param size its length in bytes
 */
record Descriptor(String mediaType, Digest digest, long size) {

    static Descriptor of(JsonNode node, String what) {
        if (!node.isObject()) {
            throw ImageJson.bad(what, "a descriptor is missing");
        }
        JsonNode size = node.path("size");
        if (!size.canConvertToLong() || size.longValue() < 0) {
            throw ImageJson.bad(what, "a descriptor has no valid size");
        }
        return new Descriptor(
                ImageJson.text(node, "mediaType", what), ImageJson.digest(node.path("digest"), what), size.longValue());
    }

    ObjectNode toJson() {
        ObjectNode node = Json.object();
        node.put("mediaType", mediaType);
        node.put("digest", digest.toString());
        node.put("size", size);
        return node;
    }
}

package dev.ctr.lifecycle.network;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** The way to all addresses of one IP version that no other route leads to. A container has one, through one network. */
enum DefaultRoute {
    VERSION_4("0.0.0.0/0"),
    VERSION_6("::/0");

    /** The bridge plugin's key for a default route through its bridge. */
    private static final String THROUGH_BRIDGE = "isDefaultGateway";

    private final String destination;

    DefaultRoute(String destination) {
        this.destination = destination;
    }

    /** Whether a plugin's configuration makes it. */
    boolean isIn(ObjectNode plugin) {
        if (plugin.path(THROUGH_BRIDGE).asBoolean(false)) {
            return true;
        }
        for (JsonNode route : plugin.path("ipam").path("routes")) {
            if (isThis(route)) {
                return true;
            }
        }
        return false;
    }

    /** Takes it out of a plugin's configuration. */
    void removeFrom(ObjectNode plugin) {
        if (plugin.has(THROUGH_BRIDGE)) {
            plugin.put(THROUGH_BRIDGE, false);
        }
        if (plugin.path("ipam").path("routes") instanceof ArrayNode routes) {
            for (int index = routes.size() - 1; index >= 0; index--) {
                if (isThis(routes.get(index))) {
                    routes.remove(index);
                }
            }
        }
    }

    private boolean isThis(JsonNode route) {
        return route.path("dst").asText().equals(destination);
    }
}

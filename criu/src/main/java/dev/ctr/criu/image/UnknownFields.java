package dev.ctr.criu.image;

import com.google.protobuf.Message;

/** Refuses messages with fields that a newer CRIU may have added and that change how everything after them is read. */
final class UnknownFields {
    private UnknownFields() {}

    /**
     * Refuses a message with unknown fields of its own; those of messages within it are not looked at.
     *
     * @param source the image, as the error names it
     */
    static void refuse(Message message, String source) throws CriuImageException {
        var unknown = message.getUnknownFields().asMap().keySet();
        if (!unknown.isEmpty()) {
            throw new CriuImageException(
                    "%s cannot be read: its %s has unknown fields %s, so it was written by a newer CRIU, perhaps compressed"
                            .formatted(source, message.getDescriptorForType().getName(), unknown));
        }
    }
}

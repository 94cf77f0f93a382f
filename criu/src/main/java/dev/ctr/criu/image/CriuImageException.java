package dev.ctr.criu.image;

import java.io.IOException;

/** A CRIU image that is not what it should be: cut off, of another kind, damaged, or of a form that cannot be read here. */
public final class CriuImageException extends IOException {
    private static final long serialVersionUID = 1L;

    /** The sentence names the image and says what is wrong with it. */
    public CriuImageException(String message) {
        super(message);
    }

    /** As above, with what was found underneath. */
    public CriuImageException(String message, Throwable cause) {
        super(message, cause);
    }
}

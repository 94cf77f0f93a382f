package dev.ctr.cli.container;

import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.CreateOptions;
import dev.ctr.lifecycle.EngineException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Creates the container that flags describe. */
final class NewContainer {
    private NewContainer() {}

    /** Creates it, in place of one of the same name if that was asked for, and writes down its ID. */
    static Container create(Invocation ctr, CreateFlags flags) {
        return create(ctr, flags, prepare(ctr, flags));
    }

    /** Checks the flags and gets the image. */
    static CreateOptions prepare(Invocation ctr, CreateFlags flags) {
        CreateOptions options = flags.toOptions(ctr);
        Path idFile = flags.idFile;
        if (idFile != null && Files.exists(idFile)) {
            throw idFileExists(idFile);
        }
        if (flags.replace && flags.name == null) {
            throw new Failure("cannot replace container without --name being set");
        }
        flags.obtainImage(ctr);
        return options;
    }

    /** As {@link #create(Invocation, CreateFlags)}, with flags that are checked and an image that is here. */
    static Container create(Invocation ctr, CreateFlags flags, CreateOptions options) {
        makeRoom(ctr, flags);
        Container container = flags.pod.create(ctr, flags, options);
        writeDownId(container, flags);
        return container;
    }

    /** Removes the container that is to be replaced. */
    static void makeRoom(Invocation ctr, CreateFlags flags) {
        if (flags.name != null && flags.replace) {
            replace(ctr, flags.name);
        }
    }

    /** Writes the ID where it was asked for. */
    static void writeDownId(Container container, CreateFlags flags) {
        if (flags.idFile != null) {
            writeId(container, flags.idFile);
        }
    }

    private static void replace(Invocation ctr, String name) {
        try {
            ctr.engine().container(name).remove(true, false);
        } catch (EngineException e) {
            if (e.code() != EngineException.Code.NO_SUCH_CONTAINER) {
                throw e;
            }
        }
    }

    private static void writeId(Container container, Path file) {
        try {
            Files.writeString(file, container.id().hex(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        } catch (FileAlreadyExistsException e) {
            container.remove(true, true);
            throw idFileExists(file);
        } catch (IOException e) {
            container.remove(true, true);
            throw new Failure(ExitCode.CTR, "cannot write container ID file " + file + ": " + e.getMessage(), e);
        }
    }

    private static Failure idFileExists(Path file) {
        return new Failure("container ID file exists. Ensure another container is not using it or delete " + file);
    }
}

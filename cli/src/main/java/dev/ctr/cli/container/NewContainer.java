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
        CreateOptions options = flags.toOptions(ctr);
        Path idFile = flags.idFile;
        if (idFile != null && Files.exists(idFile)) {
            throw idFileExists(idFile);
        }
        if (flags.replace && flags.name == null) {
            throw new Failure("cannot replace container without --name being set");
        }
        flags.obtainImage(ctr);
        if (flags.name != null && flags.replace) {
            replace(ctr, flags.name);
        }
        Container container = flags.pod.create(ctr, flags, options);
        if (idFile != null) {
            writeId(container, idFile);
        }
        return container;
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

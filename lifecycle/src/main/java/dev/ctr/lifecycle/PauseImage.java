package dev.ctr.lifecycle;

import dev.ctr.archive.TarPlan;
import dev.ctr.lifecycle.image.ImportOptions;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/** The image of infra containers, which holds {@link PauseProgram} alone and is made when it is first needed. */
final class PauseImage {
    /** Its name in the image store; the tag changes with the program. */
    static final String NAME = "localhost/ctr-pause:1";

    private static final String PROGRAM = "pause";

    private PauseImage() {}

    /** Makes it if it is not there. */
    static void require(EngineContext engine) throws IOException {
        if (engine.images().find(NAME).isPresent()) {
            return;
        }
        try (LockFile ignored = engine.pods().lockImage();
                Staging staging = Staging.create(engine.options().root())) {
            if (engine.images().find(NAME).isEmpty()) {
                Path program = staging.directory().resolve(PROGRAM);
                Files.write(program, PauseProgram.forThisProcessor());
                Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
                ByteArrayOutputStream tar = new ByteArrayOutputStream();
                TarPlan.ofDirectory(staging.directory()).writeTo(tar);
                List<String> changes = List.of("ENTRYPOINT [\"/" + PROGRAM + "\"]", "STOPSIGNAL SIGTERM");
                engine.images()
                        .importTar(
                                new ByteArrayInputStream(tar.toByteArray()),
                                new ImportOptions(NAME, changes, "the program of infra containers"));
            }
        }
    }
}

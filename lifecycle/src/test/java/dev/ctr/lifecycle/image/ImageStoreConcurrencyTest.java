package dev.ctr.lifecycle.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several threads and processes work on one store. */
final class ImageStoreConcurrencyTest {
    private static final int IMAGES = 5;

    @TempDir
    Path root;

    @Test
    void importsFromThreadsAndProcessesAllArrive() throws Exception {
        List<Process> processes = List.of(start("p"), start("q"));
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Callable<Boolean>> imports = new ArrayList<>();
            for (String name : List.of("t", "u", "v", "w")) {
                imports.add(() -> {
                    importImages(new ImageStore(root), name);
                    return true;
                });
            }
            for (Future<Boolean> done : threads.invokeAll(imports)) {
                assertThat(done.get()).isTrue();
            }
        } finally {
            threads.shutdownNow();
        }
        for (Process process : processes) {
            assertThat(process.waitFor()).isZero();
        }
        List<Image> images = new ImageStore(root).list();
        assertThat(images).hasSize(6 * IMAGES);
        assertThat(images).allSatisfy(image -> assertThat(image.names()).hasSize(1));
        assertThat(filesIn("scratch")).isEmpty();
    }

    @Test
    void oneLayerIsUnpackedOnceForAll() throws Exception {
        Peers.assumeRoot();
        Image image = new ImageStore(root)
                .importTar(
                        new ByteArrayInputStream(new RootfsTar()
                                .file("f", 0644, new byte[5 << 20])
                                .finish()),
                        ImportOptions.named("bb"));
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Callable<List<Path>>> calls = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                calls.add(() -> new ImageStore(root).layers(image));
            }
            for (Future<List<Path>> layers : threads.invokeAll(calls)) {
                assertThat(layers.get())
                        .singleElement()
                        .satisfies(layer -> assertThat(layer.resolve("f")).hasSize(5 << 20));
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(filesIn("scratch")).isEmpty();
    }

    @Test
    void anImportThatIsKilledLeavesNothingBehind() throws Exception {
        new ImageStore(root)
                .importTar(
                        new ByteArrayInputStream(new RootfsTar().file("f", "1").finish()),
                        ImportOptions.named("other"));
        Process process = start("hang");
        try {
            Instant end = Instant.now().plus(Duration.ofSeconds(30));
            while (filesIn("scratch").size() < 2 && Instant.now().isBefore(end)) {
                TimeUnit.MILLISECONDS.sleep(20);
            }
            assertThat(filesIn("scratch")).as("the import has begun").hasSize(2);
            new ImageStore(root)
                    .importTar(
                            new ByteArrayInputStream(
                                    new RootfsTar().file("f", "2").finish()),
                            ImportOptions.named("third"));
            assertThat(filesIn("scratch")).as("what is in work stays").hasSize(2);
        } finally {
            process.destroyForcibly().waitFor();
        }
        new ImageStore(root)
                .importTar(
                        new ByteArrayInputStream(new RootfsTar().file("f", "3").finish()),
                        ImportOptions.named("fourth"));
        assertThat(filesIn("scratch")).isEmpty();
        assertThat(new ImageStore(root).find("hang")).isEmpty();
    }

    private Process start(String name) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        ImageStoreConcurrencyTest.class.getName(),
                        root.toString(),
                        name)
                .inheritIO()
                .redirectInput(ProcessBuilder.Redirect.PIPE)
                .start();
    }

    private List<Path> filesIn(String name) throws IOException {
        Path directory = root.resolve(name);
        if (!Files.exists(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.toList();
        }
    }

    private static void importImages(ImageStore store, String name) {
        for (int i = 0; i < IMAGES; i++) {
            byte[] tar = new RootfsTar().file("f", name + i).finish();
            store.importTar(new ByteArrayInputStream(tar), ImportOptions.named(name + i));
        }
    }

    /** The other process: imports images, or for {@code hang} one from its standard input, which never ends. */
    public static void main(String[] arguments) {
        ImageStore store = new ImageStore(Path.of(arguments[0]));
        if (arguments[1].equals("hang")) {
            store.importTar(System.in, ImportOptions.named("hang"));
        } else {
            importImages(store, arguments[1]);
        }
    }
}

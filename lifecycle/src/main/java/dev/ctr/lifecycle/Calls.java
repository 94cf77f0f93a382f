package dev.ctr.lifecycle;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;

/** Runs the inside of a public call, and turns what can go wrong there into the engine's one exception. */
final class Calls {
    private Calls() {}

    /** The inside of a call that returns something. */
    @FunctionalInterface
    interface Call<T> {
        T run() throws Exception;
    }

    /** The inside of a call that returns nothing. */
    @FunctionalInterface
    interface Step {
        void run() throws Exception;
    }

    static <T> T call(String attempt, Call<T> call) {
        try {
            return call.run();
        } catch (EngineException e) {
            throw e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EngineException(EngineException.Code.CANCELLED, "interrupted", e);
        } catch (IOException | UncheckedIOException e) {
            String prefix = attempt.isEmpty() ? "" : attempt + ": ";
            throw new EngineException(EngineException.Code.IO, prefix + sentence(e), e);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    static void run(String attempt, Step step) {
        call(attempt, () -> {
            step.run();
            return true;
        });
    }

    /** The JDK's file errors are often a bare path: says what is the matter with it. */
    private static String sentence(Exception e) {
        if (e instanceof FileSystemException file && file.getReason() == null) {
            String what = e.getClass().getSimpleName().replace("Exception", "");
            return switch (what) {
                case "NoSuchFile" -> file.getFile() + ": no such file or directory";
                case "AccessDenied" -> file.getFile() + ": permission denied";
                case "FileAlreadyExists" -> file.getFile() + ": file exists";
                default -> file.getFile() + ": " + what;
            };
        }
        return String.valueOf(e.getMessage());
    }
}

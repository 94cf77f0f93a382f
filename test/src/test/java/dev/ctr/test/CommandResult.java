package dev.ctr.test;

import java.util.List;

/**
 * How a command ended.
 *
 * @param command what was run
 * @param exitCode its exit code; 128 and the signal's number if it was killed
 * @param output what it wrote to standard output
 * @param errors what it wrote to standard error
 */
record CommandResult(List<String> command, int exitCode, String output, String errors) {
    /** The output without the white space around it; fails unless the command succeeded. */
    String succeeded() {
        if (exitCode != 0) {
            throw new AssertionError(describe());
        }
        return output.strip();
    }

    /** The one line on standard error; fails unless the command failed with this exit code and said why in one line. */
    String failedWith(int code) {
        if (exitCode != code
                || !errors.startsWith("Error: ")
                || errors.strip().lines().count() != 1) {
            throw new AssertionError("expected exit code " + code + " and one line \"Error: …\": " + describe());
        }
        return errors.strip();
    }

    private String describe() {
        return String.join(" ", command) + "\nexit code " + exitCode + "\nstdout: " + output + "\nstderr: " + errors;
    }
}

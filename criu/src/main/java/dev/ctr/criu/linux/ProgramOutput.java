package dev.ctr.criu.linux;

/**
 * What a program that has ended left behind.
 *
 * @param status its exit status, or 128 and the signal's number
 * @param stdout all it wrote to its standard output
 * @param stderr all it wrote to its standard error
 */
public record ProgramOutput(int status, String stdout, String stderr) {
    public boolean succeeded() {
        return status == 0;
    }
}

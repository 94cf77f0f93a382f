package dev.ctr.cli.invocation;

import java.util.concurrent.Callable;

/** One command. Its fields are filled in by the parser; {@link #call} runs it and gives the exit code. */
public abstract class Verb implements Callable<Integer> {
    protected final Invocation ctr;

    protected Verb(Invocation ctr) {
        this.ctr = ctr;
    }
}

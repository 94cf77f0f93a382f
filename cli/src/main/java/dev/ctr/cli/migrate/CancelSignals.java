package dev.ctr.cli.migrate;

import dev.ctr.agent.migration.Cancellation;
import dev.ctr.cli.terminal.ProcessSignals;
import java.util.List;
import java.util.function.Consumer;

/**
 * Has the signals that would end this process cancel a migration in place of that, so that nothing of it is left half done. To send
 * more of them changes nothing. Closing gives the signals their usual effect again.
 */
final class CancelSignals implements AutoCloseable {
    /** Of Ctrl-C, of kill, and of a terminal that goes away. */
    private static final List<String> NAMES = List.of("INT", "TERM", "HUP");

    private final List<ProcessSignals.Registration> registrations;

    private CancelSignals(List<ProcessSignals.Registration> registrations) {
        this.registrations = registrations;
    }

    /** @param told is told what each signal has come to, by a thread of its own */
    static CancelSignals of(Cancellation cancellation, Consumer<Cancellation.Effect> told) {
        return new CancelSignals(NAMES.stream()
                .map(name -> ProcessSignals.on(name, () -> told.accept(cancellation.request())))
                .toList());
    }

    @Override
    public void close() {
        registrations.forEach(ProcessSignals.Registration::close);
    }
}

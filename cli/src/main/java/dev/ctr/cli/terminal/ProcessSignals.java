package dev.ctr.cli.terminal;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/**
 * Runs an action when this process gets a signal. The JDK's only way is {@code sun.misc.Signal} of module
 * jdk.unsupported, for which javac warns without a way to agree, hence the reflection. The action runs on a thread of its
 * own.
 */
public final class ProcessSignals {
    private ProcessSignals() {}

    /** A registration; closing it puts back what was before. */
    public interface Registration extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Registers an action.
     *
     * @param name the signal's name without {@code SIG}
     * @throws IllegalArgumentException if the JVM keeps the signal for itself
     */
    public static Registration on(String name, Runnable action) {
        try {
            Class<?> signals = Class.forName("sun.misc.Signal");
            Class<?> handlers = Class.forName("sun.misc.SignalHandler");
            Method handle = signals.getMethod("handle", signals, handlers);
            Object signal = signals.getConstructor(String.class).newInstance(name);
            Object handler = Proxy.newProxyInstance(
                    handlers.getClassLoader(),
                    new Class<?>[] {handlers},
                    (proxy, method, arguments) -> switch (method.getName()) {
                        case "handle" -> {
                            action.run();
                            yield null;
                        }
                        case "equals" -> arguments != null && proxy == arguments[0];
                        case "hashCode" -> System.identityHashCode(proxy);
                        default -> "handler of " + name;
                    });
            Object before = handle.invoke(null, signal, handler);
            return () -> restore(handle, signal, before);
        } catch (InvocationTargetException e) {
            throw new IllegalArgumentException("cannot handle signal " + name + ": " + e.getCause(), e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this JVM lacks module jdk.unsupported", e);
        }
    }

    private static void restore(Method handle, Object signal, Object before) {
        try {
            handle.invoke(null, signal, before);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot restore the handler of " + signal, e);
        }
    }
}

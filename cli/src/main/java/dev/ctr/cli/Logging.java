package dev.ctr.cli;

import dev.ctr.cli.invocation.Settings.LogLevel;

/**
 * Sets up slf4j-simple, which reads its settings when the first logger is made: to standard error, from the level on. To be
 * called before any class with a logger is loaded.
 */
final class Logging {
    private static final String PREFIX = "org.slf4j.simpleLogger.";

    private Logging() {}

    static void configure(LogLevel level) {
        System.setProperty("slf4j.provider", "org.slf4j.simple.SimpleServiceProvider");
        System.setProperty("slf4j.internal.verbosity", "ERROR");
        System.setProperty(PREFIX + "defaultLogLevel", level.word());
        System.setProperty(PREFIX + "showThreadName", "false");
        System.setProperty(PREFIX + "showShortLogName", "true");
        System.setProperty(PREFIX + "showDateTime", String.valueOf(level == LogLevel.DEBUG));
        System.setProperty(PREFIX + "dateTimeFormat", "HH:mm:ss.SSS");
    }
}

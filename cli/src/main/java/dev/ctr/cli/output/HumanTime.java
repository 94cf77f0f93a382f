package dev.ctr.cli.output;

import java.time.Duration;
import java.time.Instant;

/** Durations in the words that podman and docker use (go-units {@code HumanDuration}). */
public final class HumanTime {
    private HumanTime() {}

    /** {@code 5 seconds}, {@code About a minute}, {@code 3 weeks}. */
    public static String of(Duration duration) {
        long seconds = Math.max(0, duration.toSeconds());
        long minutes = seconds / 60;
        long hours = (seconds + 1800) / 3600;
        if (seconds < 1) {
            return "Less than a second";
        }
        if (seconds < 60) {
            return seconds == 1 ? "1 second" : seconds + " seconds";
        }
        if (minutes < 60) {
            return minutes == 1 ? "About a minute" : minutes + " minutes";
        }
        if (hours < 48) {
            return hours == 1 ? "About an hour" : hours + " hours";
        }
        if (hours < 24 * 7 * 2) {
            return hours / 24 + " days";
        }
        if (hours < 24 * 30 * 2) {
            return hours / 24 / 7 + " weeks";
        }
        if (hours < 24 * 365 * 2) {
            return hours / 24 / 30 + " months";
        }
        return hours / 24 / 365 + " years";
    }

    /** How long ago a moment was: {@code 5 seconds ago}. */
    public static String ago(Instant moment, Instant now) {
        return of(Duration.between(moment, now)) + " ago";
    }
}

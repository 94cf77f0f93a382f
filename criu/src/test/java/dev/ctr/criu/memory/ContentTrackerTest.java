package dev.ctr.criu.memory;

final class ContentTrackerTest extends TrackerContract {
    @Override
    TrackerChoice choice() {
        return TrackerChoice.CONTENT;
    }
}

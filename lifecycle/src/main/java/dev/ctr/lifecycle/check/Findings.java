package dev.ctr.lifecycle.check;

import java.util.List;

/**
 * What a group of trials found.
 *
 * @param subject what was looked at
 * @param features what it has and lacks
 */
record Findings<T>(T subject, List<Feature> features) {
    Findings {
        features = List.copyOf(features);
    }
}

/** Counters, gauges and histograms, and their text form for Prometheus. */
@NullMarked
package dev.ctr.agent.metrics;

import org.jspecify.annotations.NullMarked;

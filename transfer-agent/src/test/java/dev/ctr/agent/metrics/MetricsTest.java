package dev.ctr.agent.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class MetricsTest {
    private final Metrics metrics = new Metrics();

    @Test
    void areShownInPrometheusForm() throws Exception {
        metrics.counter("b_total", "Counted.", "result").add(2, "say \"no\"\n");
        metrics.counter("b_total", "Counted.", "result").increment("yes");
        metrics.gauge("a", "Present.").set(-3);
        Histogram sizes = metrics.histogram("c_seconds", "Sizes.", List.of(0.1, 1.0), "phase");
        sizes.observe(0.1, "x");
        sizes.observe(0.25, "x");
        sizes.observe(5, "x");
        String expected = """
                # HELP a Present.
                # TYPE a gauge
                a -3
                # HELP b_total Counted.
                # TYPE b_total counter
                b_total{result="say \\"no\\"\\n"} 2
                b_total{result="yes"} 1
                # HELP c_seconds Sizes.
                # TYPE c_seconds histogram
                c_seconds_bucket{phase="x",le="0.1"} 1
                c_seconds_bucket{phase="x",le="1"} 2
                c_seconds_bucket{phase="x",le="+Inf"} 3
                c_seconds_sum{phase="x"} 5.35
                c_seconds_count{phase="x"} 3
                """;
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (MetricsServer server = MetricsServer.start(anyPort, metrics);
                InputStream page = URI.create("http://127.0.0.1:" + server.port() + "/metrics")
                        .toURL()
                        .openStream()) {
            assertThat(new String(page.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo(expected);
        }
    }

    @Test
    void aNameStandsForOneFigure() {
        metrics.counter("a_total", "Counted.", "result");
        assertThatThrownBy(() -> metrics.gauge("a_total", "Present."))
                .hasMessageContaining("a_total is of another kind: counter");
        assertThatThrownBy(() -> metrics.counter("a_total", "Counted.").increment())
                .hasMessageContaining("has the labels [result]");
    }
}

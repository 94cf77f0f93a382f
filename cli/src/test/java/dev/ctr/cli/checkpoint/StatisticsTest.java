package dev.ctr.cli.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ctr.lifecycle.CheckpointResult;
import dev.ctr.lifecycle.ContainerId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StatisticsTest {
    private static final ContainerId ID = new ContainerId("ab".repeat(32));

    @Test
    void durationsAreInMicrosecondsAndZeroIsLeftOut() throws JsonProcessingException {
        Statistics statistics = new Statistics("checkpoint");
        statistics.add(
                "web",
                new CheckpointResult(
                        ID, Duration.ofMillis(5), Duration.ZERO, 0, Duration.ofMillis(7), Optional.empty(), List.of()));

        JsonNode json = new ObjectMapper().readTree(statistics.toJson());

        assertThat(json.path("ctr_checkpoint_duration").isIntegralNumber()).isTrue();
        assertThat(json.path("container_statistics").toString())
                .isEqualTo("[{\"Id\":\"" + ID + "\",\"RawInput\":\"web\",\"runtime_checkpoint_duration\":5000,"
                        + "\"total_duration\":7000}]");
    }
}

package dev.ctr.cli.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OutputTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Report REPORT =
            new Report("{{.ID}}\\t{{.Names}}", Map.of("ID", "CONTAINER ID", "Names", "NAMES"));

    @Test
    void tablesLineUpAsPodmansDo() {
        String table = new Table()
                .row("CONTAINER ID", "IMAGE", "NAMES")
                .row("12bfc7d7bef4", "localhost/bb:1", "c9")
                .row("ünïcödé", "", "a longer name")
                .render();

        assertThat(table).isEqualTo("""
                        CONTAINER ID  IMAGE           NAMES
                        12bfc7d7bef4  localhost/bb:1  c9
                        ünïcödé                       a longer name
                        """);
    }

    @Test
    void columnsAreAtLeastTwelveWide() {
        assertThat(new Table().row("ID", "NAMES").row("1", "web").render())
                .isEqualTo("ID          NAMES\n1           web\n");
    }

    @ParameterizedTest
    @CsvSource({
        "PT0.9S, Less than a second",
        "PT1.9S, 1 second",
        "PT59S, 59 seconds",
        "PT60S, About a minute",
        "PT119S, About a minute",
        "PT46M, 46 minutes",
        "PT1H, About an hour",
        "PT1H30M, 2 hours",
        "PT47H, 47 hours",
        "P2D, 2 days",
        "P13D, 13 days",
        "P14D, 2 weeks",
        "P59D, 8 weeks",
        "P60D, 2 months",
        "P729D, 24 months",
        "P730D, 2 years",
        "PT-5S, Less than a second"
    })
    void durationsAreToldInGoUnitsWords(Duration duration, String words) {
        assertThat(HumanTime.of(duration)).isEqualTo(words);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0 B",
        "999, 999 B",
        "1000, 1 kB",
        "1997895, 2 MB",
        "117000000, 117 MB",
        "1980000000, 1.98 GB",
        "9223372036854775807, 9.22 EB"
    })
    void sizesHaveThreeDigits(long bytes, String text) {
        assertThat(HumanSize.of(bytes)).isEqualTo(text);
    }

    @Test
    void jsonIsLaidOutAsGoDoesIt() throws JsonProcessingException {
        String json = JsonText.indented(JSON.readTree("{\"a\":[],\"b\":{},\"c\":[1,{\"d\":null}]}"), 4);

        assertThat(json).isEqualTo("""
                        {
                            "a": [],
                            "b": {},
                            "c": [
                                1,
                                {
                                    "d": null
                                }
                            ]
                        }""");
    }

    @Test
    void reportsAreTablesTemplatesOrJson() {
        List<Report.Row> rows = List.of(row("1", "web"), row("2", "db"));

        assertThat(REPORT.render(rows, Report.Style.DEFAULT))
                .isEqualTo("CONTAINER ID  NAMES\n1             web\n2             db\n");
        assertThat(REPORT.render(rows, new Report.Style("", false))).isEqualTo("1           web\n2           db\n");
        assertThat(REPORT.render(rows, new Report.Style("{{.Names}} {{.ID}}", true)))
                .isEqualTo("web 1\ndb 2\n");
        assertThat(REPORT.render(rows, new Report.Style("table {{.Names}}\\t{{.ID}}", true)))
                .isEqualTo("NAMES       CONTAINER ID\nweb         1\ndb          2\n");
        assertThat(REPORT.render(rows, new Report.Style("json", true)))
                .isEqualTo("[\n  {\n    \"Id\": \"1\"\n  },\n  {\n    \"Id\": \"2\"\n  }\n]\n");
        assertThat(REPORT.render(List.of(), new Report.Style("json", true))).isEqualTo("[]\n");
        assertThat(REPORT.render(List.of(), Report.Style.DEFAULT)).isEqualTo("CONTAINER ID  NAMES\n");
    }

    @Test
    void progressOfLessThanASecondIsNotShown() {
        ByteArrayOutputStream errors = new ByteArrayOutputStream();

        try (ProgressDisplay display = ProgressDisplay.open(ProgressDisplay.Style.JSON, errors)) {
            display.report("dump", 1, 2);
        }

        assertThat(errors.size()).isZero();
    }

    @Test
    void progressOfMoreThanASecondIsShownAsJsonLines() throws InterruptedException {
        ByteArrayOutputStream errors = new ByteArrayOutputStream();

        try (ProgressDisplay display = ProgressDisplay.open(ProgressDisplay.Style.JSON, errors)) {
            Thread.sleep(1100);
            display.report("archive", 5, 10);
            display.report("archive", 6, 10);
        }

        assertThat(errors.toString(StandardCharsets.UTF_8))
                .isEqualTo("{\"phase\":\"archive\",\"done\":5,\"expected\":10}\n");
    }

    @Test
    void progressTellsHowMuchOfHowMuch() {
        assertThat(ProgressDisplay.line("archive", 500_000_000, 2_000_000_000))
                .isEqualTo("archive  500 MB / 2 GB  25%");
        assertThat(ProgressDisplay.line("dump", 1500, 0)).isEqualTo("dump  1.5 kB");
    }

    @Test
    void aReaderThatHasGoneIsNoticed() {
        TextOutput output = new TextOutput(new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
            }
        });

        assertThatThrownBy(() -> output.line("x").flush())
                .isInstanceOf(TextOutput.Closed.class)
                .hasMessageContaining("Broken pipe");
    }

    private static Report.Row row(String id, String name) {
        ObjectNode json = JSON.createObjectNode().put("Id", id);
        return new Report.Row(json, json.deepCopy().put("ID", id).put("Names", name));
    }
}

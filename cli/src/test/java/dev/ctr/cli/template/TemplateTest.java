package dev.ctr.cli.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TemplateTest {
    private JsonNode data = new ObjectMapper().createObjectNode();

    @BeforeAll
    void readData() throws JsonProcessingException {
        data = new ObjectMapper().readTree("""
                        {"Id": "12bf", "Name": "web", "Empty": "", "None": null, "Yes": true, "No": false, "Zero": 0,
                         "State": {"Pid": 42, "Status": "running"}, "Args": ["a", "b c"], "Nothing": [],
                         "Labels": {"io.x/tier": "db", "a": "1"},
                         "Mounts": [{"Destination": "/a", "RW": true}, {"Destination": "/b", "RW": false}]}
                        """);
    }

    @ParameterizedTest
    @CsvSource(delimiterString = " => ", quoteCharacter = '~', textBlock = """
            plain => plain
            {{.Name}} => web
            {{ .Name }}-{{.State.Pid}} => web-42
            {{.ID}} {{.state.PID}} => 12bf 42
            {{.Yes}} {{.None}} {{.Args}} => true <nil> [a b c]
            {{.Labels}} => map[a:1 io.x/tier:db]
            {{json .Args}} => ["a","b c"]
            {{json .State}} => {"Pid":42,"Status":"running"}
            {{.State | json}} => {"Pid":42,"Status":"running"}
            {{len .Args}} {{len .Name}} {{len .Labels}} => 2 3 2
            {{index .Args 1}} {{index .Labels "io.x/tier"}} => b c db
            [{{index .Labels "none"}}] => []
            {{(index .Mounts 1).Destination}} => /b
            {{upper .Name}} {{.Name | upper | lower}} => WEB web
            {{title "hello world"}} => Hello World
            {{join .Args ","}} {{.Args | join ", "}} => a,b c a, b c
            {{index (split "x/y" "/") 1}} => y
            {{truncate .State.Status 3}} => run
            {{range .Args}}<{{.}}>{{end}} => <a><b c>
            {{range $i, $a := .Args}}{{$i}}={{$a}};{{end}} => 0=a;1=b c;
            {{range $k, $v := .Labels}}{{$k}}={{$v}};{{end}} => a=1;io.x/tier=db;
            {{range .Nothing}}x{{else}}none{{end}} => none
            {{range .Mounts}}{{.Destination}}{{$.Name}} {{end}}. => /aweb /bweb .
            {{range .Mounts}}{{if .RW}}{{.Destination}}{{end}}{{end}} => /a
            {{if .Yes}}a{{end}}{{if .No}}b{{end}} => a
            {{if .Empty}}a{{else}}b{{end}} => b
            {{if .No}}a{{else if .Yes}}b{{else}}c{{end}} => b
            {{if eq .Name "web"}}y{{end}} => y
            {{if eq .Name "db" "web"}}y{{end}} => y
            {{if ne .Name "web"}}y{{else}}n{{end}} => n
            {{if and .Yes (gt .State.Pid 41)}}y{{end}} => y
            {{if or .No .Zero .None}}y{{else}}n{{end}} => n
            {{if not .Empty}}y{{end}} {{if lt 1 2.5}}y{{end}} => y y
            {{with .State}}{{.Pid}}{{end}} => 42
            {{with .None}}x{{else}}{{.Name}}{{end}} => web
            {{$p := .State.Pid}}{{$p}} => 42
            {{$x := "a"}}{{if .Yes}}{{$x = "b"}}{{end}}{{$x}} => b
            {{printf "%s:%d %q %5s|%%" .Name .State.Pid "x" "y"}} => web:42 "x"     y|%
            {{"}}"}}{{`a"b`}} => }}a"b
            a  {{- /* gone */ -}}  b => ab
            {{print .Name 1}} {{true}} => web1 true
            """)
    void rendersWhatGoWould(String template, String expected) {
        assertThat(Template.parse(template).render(data)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiterString = " => ", quoteCharacter = '~', textBlock = """
            {{.Foo}} => can't evaluate field Foo; known are
            {{.State.Foo}} => can't evaluate field Foo; known are Pid, Status
            {{.None.Foo}} => nil data; no entry for key "Foo"
            {{.Name => unclosed action
            {{if .Yes}} => {{end}} is missing
            {{end}} => unexpected {{end}}
            {{foo .Name}} => function "foo" not defined
            {{index .Args 7}} => index out of range
            {{len .State.Pid}} => len of 42
            {{upper .State.Pid}} => expected a text
            {{upper}} => wrong number of arguments for upper
            {{$x}} => undefined variable "$x"
            {{range .Name}}{{end}} => range can't iterate over web
            {{.Name | 5}} => a function must follow |
            {{}} => missing value for command
            {{.Name & .Id}} => unexpected "&"
            {{template "x"}} => {{template}} is not supported
            """)
    void whatDoesNotFitIsAnError(String template, String message) {
        assertThatThrownBy(() -> Template.parse(template).render(data))
                .isInstanceOf(TemplateException.class)
                .hasMessageStartingWith("template: ")
                .hasMessageContaining(message);
    }

    @Test
    void backslashesInTextStandForTabsAndLineEnds() {
        assertThat(Template.parse("{{.Id}}\\t{{.Name}}\\n").render(data)).isEqualTo("12bf\tweb\n");
        assertThat(Template.parse("{{println .Id}}{{\"\\t\"}}").render(data)).isEqualTo("12bf\n\t");
    }
}

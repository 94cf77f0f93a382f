package dev.ctr.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommandLineErrorsTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            run --foo                      | unknown flag: --foo. See 'ctr run --help'
            run --foo=bar busybox          | unknown flag: --foo. See 'ctr run --help'
            ps --al                        | unknown flag: --al, did you mean `--all`? See 'ctr ps --help'
            ps -Z                          | unknown shorthand flag: 'Z' in -Z. See 'ctr ps --help'
            checkpoint --lazy x            | unknown flag: --lazy. See 'ctr checkpoint --help'
            --rootx /x ps                  | unknown flag: --rootx, did you mean `--root`? See 'ctr --help'
            frobnicate                     | unrecognized command `ctr frobnicate`. See 'ctr --help'
            strat web                      | unrecognized command `ctr strat`, did you mean `start`? See 'ctr --help'
            volume creat                   | unrecognized command `ctr volume creat`, did you mean `create`? See 'ctr volume --help'
            volume                         | missing command 'ctr volume COMMAND'. See 'ctr volume --help'
            run --network                  | flag needs an argument: --network. See 'ctr run --help'
            run -e                         | flag needs an argument: 'e' in -e. See 'ctr run --help'
            run --cpus x busybox           | invalid argument "x" for "--cpus" flag: it must be a number. See 'ctr run --help'
            run -m 1x busybox              | invalid argument "1x" for "-m, --memory" flag: invalid size: '1x'. See 'ctr run --help'
            run --rm=perhaps busybox       | invalid argument "perhaps" for "--rm" flag: it must be true or false. See 'ctr run --help'
            stop -t soon web               | invalid argument "soon" for "-t, --time" flag: it must be a number. See 'ctr stop --help'
            inspect --type cat web         | invalid argument "cat" for "-t, --type" flag: it must be all or container or image or volume or pod. See 'ctr inspect --help'
            run                            | requires at least 1 arg(s), only received 0
            rename web                     | accepts 2 arg(s), received 1
            start                          | start requires at least one argument
            start -a web db                | you cannot start and attach multiple containers at once
            start --all web                | either start all containers or the container(s) provided in the arguments
            stop                           | you must provide at least one name or id
            stop -a web                    | no arguments are needed with --all
            rm -l web                      | --latest and containers cannot be used together
            rm -a -l                       | --all and --latest cannot be used together
            rm -t 1 web                    | --force option must be specified to use the --time option
            logs                           | specify at least one container name or ID to log
            wait                           | "ctr wait" requires a name, id, or the "--latest" flag
            wait -i soon web               | invalid duration "soon": give a number and a unit, such as 250ms, 10s or 1h30m
            wait --condition done web      | unknown container state: done
            kill -s FOO web                | invalid signal: FOO
            exec                           | exec requires the name or ID of a container or the --latest flag
            exec web                       | must provide a non-empty command to start an exec session
            inspect                        | no names or ids specified
            ps extra                       | `ctr ps` takes no arguments
            ps -q --format json            | quiet and format are mutually exclusive
            ps --filter foo=bar            | foo is an invalid filter
            import                         | accepts between 1 and 2 arg(s), received 0
            run -d -a stdout busybox       | cannot specify both --attach and --detach
            run -a foo busybox             | invalid stream "foo" for --attach - must be one of stdin, stdout, or stderr
            run --replace busybox          | cannot replace container without --name being set
            run --restart often busybox    | invalid restart policy "often": it must be one of no, on-failure, always, unless-stopped
            run --mount type=foo,dst=/x b  | invalid filesystem type "foo"
            run -v /x:y busybox            | invalid container path "y", must be an absolute path
            run --network a --network host b | can only set extra network names, selected mode host conflicts with bridge: invalid argument
            run --network host --network a b | cannot set multiple networks without bridge network mode, selected mode host: invalid argument
            run --network a:foo=bar b      | invalid option for network a: unknown bridge network option: foo
            network create a b             | accepts at most 1 arg(s), received 2
            network rm                     | requires at least 1 arg(s), only received 0
            network reload                 | you must provide at least one name or id
            network reload -a web          | no arguments are needed with --all
            network ls --filter foo=bar    | invalid filter "foo"
            port                           | you must supply a running container name or id
            completion fish                | give the shell: ctr completion bash or ctr completion zsh
            help nothing                   | unrecognized command `ctr nothing`
            """)
    void isOneSentenceOnOneLine(String commandLine, String sentence) {
        CommandRun run = CommandRun.of(commandLine.split(" "));

        assertThat(run.err()).isEqualTo("Error: " + sentence + "\n");
        assertThat(run.exitCode()).isEqualTo(125);
        assertThat(run.out()).isEmpty();
    }

    @Test
    void aCommandIsNeeded() {
        CommandRun run = CommandRun.of();

        assertThat(run.exitCode()).isEqualTo(125);
        assertThat(run.err()).isEqualTo("Error: missing command 'ctr COMMAND'. See 'ctr --help'\n");
    }

    @Test
    void aStackTraceIsOnlyShownAtLogLevelDebug() {
        assertThat(CommandRun.of("kill", "-s", "FOO", "web").err()).hasLineCount(1);

        assertThat(CommandRun.of("--log-level", "debug", "kill", "-s", "FOO", "web")
                        .err())
                .startsWith("Error: invalid signal: FOO\n")
                .contains("\tat dev.ctr.cli.container.KillCommand");
    }

    @Test
    void wordsBehindTheImageBelongToTheContainer() {
        CommandRun run = CommandRun.of("run", "--rootfs", "/no/such/directory", "sh", "--foo", "-x");

        assertThat(run.exitCode()).isEqualTo(125);
        assertThat(run.err()).doesNotContain("flag");
    }

    @Test
    void optionsMayFollowArgumentsOfOtherCommands() {
        CommandRun run = CommandRun.of("rm", "web", "-l");

        assertThat(run.err()).isEqualTo("Error: --latest and containers cannot be used together\n");
    }

    @Test
    void severalThingsAreTriedEachAndEachFailureTold() {
        List<String> lines =
                CommandRun.of("volume", "rm", "one", "two").err().lines().toList();

        assertThat(lines)
                .containsExactly(
                        "Error: no volume with name \"one\" found: no such volume",
                        "Error: no volume with name \"two\" found: no such volume");
    }
}

package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** docs/libpod-parity.md names for each of podman's checkpoint scenarios the test that carries it. */
final class UpstreamScenariosTest {
    private static final int SCENARIOS = 49;
    private static final Pattern ROW = Pattern.compile("\\| (\\d+) \\| .* \\| ([\\w., ]+) \\|");

    @Test
    void everyScenarioIsCarriedByTheTestThatTheDocumentNames() throws IOException {
        Map<Integer, Set<String>> documented = documented();
        assertThat(documented.keySet())
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, SCENARIOS).boxed().toList());
        Map<Integer, Set<String>> carried = carried();
        carried.forEach((number, tests) ->
                assertThat(documented.get(number)).as("scenario %d", number).containsAll(tests));
        List<String> missing = new ArrayList<>();
        documented.forEach((number, tests) -> tests.stream()
                .filter(test -> test.contains("."))
                .filter(test -> !carried.getOrDefault(number, Set.of()).contains(test))
                .forEach(test -> missing.add(number + " by " + test)));
        assertThat(missing).as("documented and not marked").isEmpty();
    }

    private static Map<Integer, Set<String>> documented() throws IOException {
        Map<Integer, Set<String>> rows = new TreeMap<>();
        for (String line : Files.readAllLines(CtrRoot.launcher().resolveSibling("docs/libpod-parity.md"))) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                rows.put(
                        Integer.valueOf(row.group(1)),
                        new TreeSet<>(List.of(row.group(2).split(", "))));
            }
        }
        return rows;
    }

    /** The scenarios and, as the document writes them, the methods that are marked with them. */
    private static Map<Integer, Set<String>> carried() {
        Map<Integer, Set<String>> carried = new TreeMap<>();
        new ClassFileImporter()
                .importPackages("dev.ctr.test").stream()
                        .flatMap(type -> type.getMethods().stream())
                        .filter(method -> method.isAnnotatedWith(Upstream.class))
                        .forEach(method -> add(method, carried));
        return carried;
    }

    private static void add(JavaMethod method, Map<Integer, Set<String>> carried) {
        for (int number : method.getAnnotationOfType(Upstream.class).value()) {
            carried.computeIfAbsent(number, first -> new TreeSet<>())
                    .add(method.getOwner().getSimpleName() + "." + method.getName());
        }
    }
}

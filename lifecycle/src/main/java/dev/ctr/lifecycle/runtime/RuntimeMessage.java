package dev.ctr.lifecycle.runtime;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.Json;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** What runtimes print when they fail, made into one sentence. */
final class RuntimeMessage {
    private static final Pattern LOG_FILE = Pattern.compile("\\s*log file: \\S+$");
    private static final Pattern TEXT_LOG = Pattern.compile("^time=\"[^\"]*\" level=\\w+ msg=\"?(.*?)\"?$");

    private RuntimeMessage() {}

    /** The last message of a log in runc's text or JSON form. */
    static String sentence(String log) {
        List<String> lines =
                log.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
        if (lines.isEmpty()) {
            return "it gave no reason";
        }
        String last = lines.get(lines.size() - 1);
        if (last.startsWith("{")) {
            try {
                last = Json.MAPPER.readTree(last).path("msg").asText(last);
            } catch (JsonProcessingException e) {
                return last;
            }
        }
        last = TEXT_LOG.matcher(last).replaceFirst("$1").replace("\\\"", "\"");
        last = last.startsWith("ERRO[") ? last.substring(last.indexOf(']') + 1).strip() : last;
        return LOG_FILE.matcher(last.replace("\n", " ")).replaceFirst("");
    }

    /** The kind of failure that a runtime's message tells: programs that do not exist or cannot be executed stand out. */
    static EngineException.Code code(String message) {
        String lower = message.toLowerCase(Locale.ROOT);
        if (lower.contains("executable file not found") || lower.contains("no such file or directory")) {
            return EngineException.Code.COMMAND_NOT_FOUND;
        }
        if (lower.contains("permission denied")
                || lower.contains("exec format error")
                || lower.contains("is a directory")) {
            return EngineException.Code.COMMAND_NOT_EXECUTABLE;
        }
        return EngineException.Code.RUNTIME;
    }
}

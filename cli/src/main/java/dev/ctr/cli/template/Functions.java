package dev.ctr.cli.template;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.TextNode;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.IntPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The functions that a template may call: Go's own and those that podman and docker add. */
final class Functions {
    private static final Pattern VERB = Pattern.compile("%(-?\\d*)([vsdqtf%])");

    private static final Map<String, Function<List<JsonNode>, JsonNode>> BY_NAME = Map.ofEntries(
            Map.entry("json", arguments -> text(one(arguments).toString())),
            Map.entry("len", arguments -> length(one(arguments))),
            Map.entry("index", Functions::index),
            Map.entry("upper", arguments -> text(string(one(arguments)).toUpperCase(Locale.ROOT))),
            Map.entry("lower", arguments -> text(string(one(arguments)).toLowerCase(Locale.ROOT))),
            Map.entry("title", arguments -> text(title(string(one(arguments))))),
            Map.entry("join", Functions::join),
            Map.entry("split", Functions::split),
            Map.entry("truncate", Functions::truncate),
            Map.entry(
                    "print",
                    arguments -> text(arguments.stream().map(GoText::of).collect(Collectors.joining()))),
            Map.entry("println", arguments -> text(words(arguments) + "\n")),
            Map.entry("printf", Functions::format),
            Map.entry("not", arguments -> bool(!isTrue(one(arguments)))),
            Map.entry("and", arguments -> firstOrLast(arguments, false)),
            Map.entry("or", arguments -> firstOrLast(arguments, true)),
            Map.entry("eq", Functions::equalToAny),
            Map.entry("ne", arguments -> bool(compare(arguments) != 0)),
            Map.entry("lt", arguments -> compared(arguments, order -> order < 0)),
            Map.entry("le", arguments -> compared(arguments, order -> order <= 0)),
            Map.entry("gt", arguments -> compared(arguments, order -> order > 0)),
            Map.entry("ge", arguments -> compared(arguments, order -> order >= 0)));

    private Functions() {}

    static boolean exists(String name) {
        return BY_NAME.containsKey(name);
    }

    static JsonNode call(String name, List<JsonNode> arguments) {
        Function<List<JsonNode>, JsonNode> function = BY_NAME.get(name);
        if (function == null) {
            throw new TemplateException("function \"" + name + "\" not defined");
        }
        try {
            return function.apply(arguments);
        } catch (IndexOutOfBoundsException e) {
            throw new TemplateException("wrong number of arguments for " + name + ": " + arguments.size());
        }
    }

    /** As Go sees it: false, 0, empty and nil are not. */
    static boolean isTrue(JsonNode value) {
        if (value.isContainerNode()) {
            return !value.isEmpty();
        }
        if (value.isTextual()) {
            return !value.textValue().isEmpty();
        }
        return value.isNumber() ? value.decimalValue().signum() != 0 : value.asBoolean(false);
    }

    private static JsonNode one(List<JsonNode> arguments) {
        if (arguments.size() != 1) {
            throw new IndexOutOfBoundsException(arguments.size());
        }
        return arguments.get(0);
    }

    private static JsonNode length(JsonNode value) {
        if (value.isTextual()) {
            return IntNode.valueOf(value.textValue().length());
        }
        if (!value.isContainerNode() && !value.isNull()) {
            throw new TemplateException("len of " + GoText.of(value) + ": it has none");
        }
        return IntNode.valueOf(value.size());
    }

    private static JsonNode index(List<JsonNode> arguments) {
        JsonNode value = arguments.get(0);
        for (JsonNode key : arguments.subList(1, arguments.size())) {
            if (value.isArray() && key.isIntegralNumber()) {
                if (!value.has(key.intValue())) {
                    throw new TemplateException("error calling index: index out of range: " + key);
                }
                value = value.path(key.intValue());
            } else if (value.isObject() && key.isTextual()) {
                value = value.has(key.textValue()) ? value.path(key.textValue()) : text("");
            } else {
                throw new TemplateException("error calling index: can't index " + GoText.of(value) + " with " + key);
            }
        }
        return value;
    }

    /** {@code join LIST SEPARATOR}, or the other way round as a pipeline gives it. */
    private static JsonNode join(List<JsonNode> arguments) {
        boolean listFirst = !arguments.get(0).isTextual();
        JsonNode list = arguments.get(listFirst ? 0 : 1);
        String separator = string(arguments.get(listFirst ? 1 : 0));
        StringBuilder joined = new StringBuilder();
        list.forEach(
                element -> joined.append(joined.length() == 0 ? "" : separator).append(GoText.of(element)));
        return text(joined.toString());
    }

    private static JsonNode split(List<JsonNode> arguments) {
        ArrayNode parts = JsonNodeFactory.instance.arrayNode();
        String separator = string(arguments.get(1));
        for (String part : string(arguments.get(0)).split(Pattern.quote(separator), -1)) {
            parts.add(part);
        }
        return parts;
    }

    private static JsonNode truncate(List<JsonNode> arguments) {
        String whole = string(arguments.get(0));
        return text(whole.substring(0, Math.min(whole.length(), arguments.get(1).asInt())));
    }

    private static JsonNode format(List<JsonNode> arguments) {
        Matcher verb = VERB.matcher(string(arguments.get(0)));
        StringBuilder formatted = new StringBuilder();
        int next = 1;
        while (verb.find()) {
            String value = "%";
            if (!verb.group(2).equals("%")) {
                JsonNode argument = arguments.get(next++);
                value = verb.group(2).equals("q") ? argument.toString() : GoText.of(argument);
                value = verb.group(1).isEmpty() || verb.group(1).equals("-")
                        ? value
                        : String.format("%" + verb.group(1) + "s", value);
            }
            verb.appendReplacement(formatted, Matcher.quoteReplacement(value));
        }
        return text(verb.appendTail(formatted).toString());
    }

    private static JsonNode firstOrLast(List<JsonNode> arguments, boolean wanted) {
        for (JsonNode argument : arguments) {
            if (isTrue(argument) == wanted) {
                return argument;
            }
        }
        return arguments.get(arguments.size() - 1);
    }

    private static JsonNode equalToAny(List<JsonNode> arguments) {
        List<JsonNode> others = arguments.subList(1, arguments.size());
        JsonNode first = arguments.get(0);
        return bool(others.stream().anyMatch(other -> compare(List.of(first, other)) == 0));
    }

    private static JsonNode compared(List<JsonNode> arguments, IntPredicate wanted) {
        return bool(wanted.test(compare(arguments)));
    }

    private static int compare(List<JsonNode> arguments) {
        JsonNode left = arguments.get(0);
        JsonNode right = arguments.get(1);
        if (left.isNumber() && right.isNumber()) {
            return new BigDecimal(left.asText()).compareTo(new BigDecimal(right.asText()));
        }
        if (left.isNumber() != right.isNumber()) {
            throw new TemplateException("incompatible types for comparison: " + left + " and " + right);
        }
        return GoText.of(left).compareTo(GoText.of(right));
    }

    private static String words(List<JsonNode> arguments) {
        return arguments.stream().map(GoText::of).collect(Collectors.joining(" "));
    }

    private static String title(String words) {
        return Pattern.compile("\\b\\p{L}")
                .matcher(words)
                .replaceAll(letter -> Matcher.quoteReplacement(letter.group().toUpperCase(Locale.ROOT)));
    }

    private static String string(JsonNode value) {
        if (!value.isTextual()) {
            throw new TemplateException("expected a text, not " + GoText.of(value));
        }
        return value.textValue();
    }

    private static JsonNode text(String value) {
        return TextNode.valueOf(value);
    }

    private static JsonNode bool(boolean value) {
        return BooleanNode.valueOf(value);
    }
}

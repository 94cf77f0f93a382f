package dev.ctr.cli.template;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.ctr.cli.template.Expression.Call;
import dev.ctr.cli.template.Expression.Dot;
import dev.ctr.cli.template.Expression.Field;
import dev.ctr.cli.template.Expression.Literal;
import dev.ctr.cli.template.Expression.Variable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One filling-in of a template. Used once, by one thread. */
final class Rendering {
    private final StringBuilder text;
    private final Deque<Map<String, JsonNode>> scopes = new ArrayDeque<>();
    private JsonNode dot;

    Rendering(StringBuilder text, JsonNode data) {
        this.text = text;
        this.dot = data;
        scopes.push(new HashMap<>(Map.of("$", data)));
    }

    void render(List<Node> nodes) {
        nodes.forEach(this::render);
    }

    private void render(Node node) {
        if (node instanceof Node.Text plain) {
            text.append(plain.text());
        } else if (node instanceof Node.Print print) {
            text.append(GoText.of(evaluate(print.expression())));
        } else if (node instanceof Node.Assign assign) {
            assign(assign);
        } else if (node instanceof Node.If conditional) {
            inScope(
                    dot,
                    Map.of(),
                    Functions.isTrue(evaluate(conditional.condition())) ? conditional.then() : conditional.otherwise());
        } else if (node instanceof Node.With with) {
            JsonNode subject = evaluate(with.subject());
            boolean holds = Functions.isTrue(subject);
            inScope(holds ? subject : dot, Map.of(), holds ? with.then() : with.otherwise());
        } else if (node instanceof Node.Range range) {
            range(range);
        }
    }

    private void range(Node.Range range) {
        JsonNode subject = evaluate(range.subject());
        if (!subject.isContainerNode() && !subject.isNull()) {
            throw new TemplateException("range can't iterate over " + GoText.of(subject));
        }
        if (subject.isEmpty()) {
            inScope(dot, Map.of(), range.otherwise());
        } else if (subject.isArray()) {
            for (int i = 0; i < subject.size(); i++) {
                inScope(subject.get(i), variables(range, IntNode.valueOf(i), subject.get(i)), range.body());
            }
        } else {
            List<String> keys = new ArrayList<>();
            subject.fieldNames().forEachRemaining(keys::add);
            keys.sort(null);
            for (String key : keys) {
                JsonNode element = subject.path(key);
                inScope(element, variables(range, TextNode.valueOf(key), element), range.body());
            }
        }
    }

    private static Map<String, JsonNode> variables(Node.Range range, JsonNode key, JsonNode element) {
        List<String> names = range.variables();
        return switch (names.size()) {
            case 0 -> Map.of();
            case 1 -> Map.of(names.get(0), element);
            default -> Map.of(names.get(0), key, names.get(1), element);
        };
    }

    private void inScope(JsonNode newDot, Map<String, JsonNode> variables, List<Node> nodes) {
        JsonNode outer = dot;
        dot = newDot;
        scopes.push(new HashMap<>(variables));
        render(nodes);
        scopes.pop();
        dot = outer;
    }

    private void assign(Node.Assign assign) {
        JsonNode value = evaluate(assign.expression());
        Map<String, JsonNode> scope = assign.declares() ? scopes.getFirst() : scopeOf(assign.variable());
        scope.put(assign.variable(), value);
    }

    private Map<String, JsonNode> scopeOf(String variable) {
        for (Map<String, JsonNode> scope : scopes) {
            if (scope.containsKey(variable)) {
                return scope;
            }
        }
        throw new TemplateException("undefined variable \"" + variable + "\"");
    }

    private JsonNode evaluate(Expression expression) {
        if (expression instanceof Literal literal) {
            return literal.value();
        }
        if (expression instanceof Variable variable) {
            return scopeOf(variable.name()).getOrDefault(variable.name(), dot);
        }
        if (expression instanceof Field field) {
            return field(evaluate(field.object()), field.name());
        }
        if (expression instanceof Call call) {
            return Functions.call(
                    call.function(),
                    call.arguments().stream().map(this::evaluate).toList());
        }
        if (expression instanceof Dot) {
            return dot;
        }
        throw new IllegalStateException("unknown expression " + expression);
    }

    /** The keys of our objects are JSON's, Go's fields sometimes differ from them in case. */
    private static JsonNode field(JsonNode object, String name) {
        JsonNode value = object.get(name);
        if (value != null) {
            return value;
        }
        List<String> keys = new ArrayList<>();
        object.fieldNames().forEachRemaining(keys::add);
        return keys.stream()
                .filter(name::equalsIgnoreCase)
                .findFirst()
                .map(object::path)
                .orElseThrow(() -> new TemplateException(
                        object.isNull()
                                ? "nil data; no entry for key \"" + name + "\""
                                : "can't evaluate field " + name + "; known are " + String.join(", ", keys)));
    }
}

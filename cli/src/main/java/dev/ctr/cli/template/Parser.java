package dev.ctr.cli.template;

import java.util.ArrayList;
import java.util.List;

/** Builds the nodes of a template. Used once. */
final class Parser {
    private final List<Piece> pieces;
    private int next;

    Parser(List<Piece> pieces) {
        this.pieces = pieces;
    }

    /** What ended a list of nodes, and with which condition if it is {@code else if}. */
    private record Body(List<Node> nodes, String end) {}

    List<Node> parse() {
        Body body = body();
        if (!body.end().isEmpty()) {
            throw new TemplateException("unexpected {{" + body.end() + "}}");
        }
        return body.nodes();
    }

    /** Reads nodes up to {@code end}, {@code else} or the end of the template. */
    private Body body() {
        List<Node> nodes = new ArrayList<>();
        while (next < pieces.size()) {
            Piece piece = pieces.get(next++);
            if (!piece.isAction()) {
                nodes.add(new Node.Text(piece.content()));
                continue;
            }
            String word = firstWord(piece.content());
            if (word.equals("end") || word.equals("else")) {
                return new Body(nodes, piece.content());
            }
            nodes.add(node(word, piece.content()));
        }
        return new Body(nodes, "");
    }

    private static String firstWord(String action) {
        return action.split("\\s", 2)[0];
    }

    private Node node(String word, String action) {
        String rest = action.substring(word.length());
        return switch (word) {
            case "if" -> conditional(rest);
            case "with" -> {
                Expression subject = expression(rest);
                Body then = body();
                yield new Node.With(subject, then.nodes(), otherwise(then));
            }
            case "range" -> range(rest);
            case "define", "template", "block", "break", "continue" ->
                throw new TemplateException("{{" + word + "}} is not supported");
            default -> plain(action);
        };
    }

    private Node conditional(String condition) {
        Expression test = expression(condition);
        Body then = body();
        return new Node.If(test, then.nodes(), otherwise(then));
    }

    /** What follows {@code else}, up to {@code end}. */
    private List<Node> otherwise(Body before) {
        String end = before.end();
        if (end.equals("end")) {
            return List.of();
        }
        if (!firstWord(end).equals("else")) {
            throw new TemplateException("unexpected end: {{end}} is missing");
        }
        String rest = end.substring("else".length()).strip();
        if (rest.startsWith("if ")) {
            return List.of(conditional(rest.substring(2)));
        }
        if (!rest.isEmpty()) {
            throw new TemplateException("unexpected \"" + rest + "\" in {{" + end + "}}");
        }
        Body otherwise = body();
        if (!otherwise.end().equals("end")) {
            throw new TemplateException("unexpected end: {{end}} is missing");
        }
        return otherwise.nodes();
    }

    private Node range(String rest) {
        List<Token> tokens = Token.of(rest);
        List<String> variables = new ArrayList<>();
        int assignment = indexOf(tokens, ":=");
        for (Token token : tokens.subList(0, Math.max(0, assignment))) {
            if (token.kind() == Token.Kind.VARIABLE) {
                variables.add(token.text());
            } else if (!token.is(",")) {
                throw new TemplateException("unexpected \"" + token.text() + "\" in {{range" + rest + "}}");
            }
        }
        if (variables.size() > 2) {
            throw new TemplateException("too many variables in {{range" + rest + "}}");
        }
        Expression subject = new ExpressionParser(tokens.subList(assignment + 1, tokens.size())).parse();
        Body body = body();
        return new Node.Range(variables, subject, body.nodes(), otherwise(body));
    }

    private static Node plain(String action) {
        List<Token> tokens = Token.of(action);
        boolean assigns = tokens.size() > 2
                && tokens.get(0).kind() == Token.Kind.VARIABLE
                && (tokens.get(1).is(":=") || tokens.get(1).is("="));
        if (assigns) {
            Expression value = new ExpressionParser(tokens.subList(2, tokens.size())).parse();
            return new Node.Assign(tokens.get(0).text(), tokens.get(1).is(":="), value);
        }
        return new Node.Print(new ExpressionParser(tokens).parse());
    }

    private static Expression expression(String text) {
        return new ExpressionParser(Token.of(text)).parse();
    }

    private static int indexOf(List<Token> tokens, String mark) {
        for (int i = 0; i < tokens.size(); i++) {
            if (tokens.get(i).is(mark)) {
                return i;
            }
        }
        return -1;
    }
}

package dev.ctr.cli.template;

import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.ctr.cli.template.Token.Kind;
import java.util.ArrayList;
import java.util.List;

/** Builds the expression of an action: a pipeline of function calls, fields and literals. Used once. */
final class ExpressionParser {
    private final List<Token> tokens;
    private int next;

    ExpressionParser(List<Token> tokens) {
        this.tokens = tokens;
    }

    Expression parse() {
        Expression expression = pipeline();
        if (next < tokens.size()) {
            throw new TemplateException("unexpected \"" + tokens.get(next).text() + "\"");
        }
        return expression;
    }

    private Expression pipeline() {
        Expression value = command();
        while (sees("|")) {
            next++;
            if (next == tokens.size() || tokens.get(next).kind() != Kind.WORD) {
                throw new TemplateException("a function must follow |");
            }
            value = new Expression.Call(function(), append(arguments(), value));
        }
        return value;
    }

    private Expression command() {
        if (next < tokens.size()
                && tokens.get(next).kind() == Kind.WORD
                && !isConstant(tokens.get(next).text())) {
            return new Expression.Call(function(), arguments());
        }
        return operand();
    }

    private String function() {
        String name = tokens.get(next++).text();
        if (!Functions.exists(name)) {
            throw new TemplateException("function \"" + name + "\" not defined");
        }
        return name;
    }

    private List<Expression> arguments() {
        List<Expression> arguments = new ArrayList<>();
        while (next < tokens.size() && !sees("|") && !sees(")")) {
            arguments.add(operand());
        }
        return arguments;
    }

    private Expression operand() {
        if (sees(Token.SEPARATOR.text())) {
            next++;
        }
        if (next == tokens.size()) {
            throw new TemplateException("missing value for command");
        }
        Token token = tokens.get(next++);
        Expression value = switch (token.kind()) {
            case FIELD ->
                token.text().isEmpty()
                        ? new Expression.Dot()
                        : new Expression.Field(new Expression.Dot(), token.text());
            case VARIABLE -> new Expression.Variable(token.text());
            case TEXT -> new Expression.Literal(TextNode.valueOf(token.text()));
            case NUMBER -> number(token.text());
            case WORD -> word(token.text());
            case MARK -> parenthesis(token);
        };
        while (next < tokens.size()
                && tokens.get(next).kind() == Kind.FIELD
                && !tokens.get(next).text().isEmpty()) {
            value = new Expression.Field(value, tokens.get(next++).text());
        }
        return value;
    }

    private Expression parenthesis(Token token) {
        if (!token.is("(")) {
            throw new TemplateException("unexpected \"" + token.text() + "\"");
        }
        Expression inside = pipeline();
        if (!sees(")")) {
            throw new TemplateException("unclosed (");
        }
        next++;
        return inside;
    }

    private static Expression number(String text) {
        return new Expression.Literal(
                text.contains(".")
                        ? DoubleNode.valueOf(Double.parseDouble(text))
                        : LongNode.valueOf(Long.parseLong(text)));
    }

    private static Expression word(String text) {
        return switch (text) {
            case "true" -> new Expression.Literal(BooleanNode.TRUE);
            case "false" -> new Expression.Literal(BooleanNode.FALSE);
            case "nil" -> new Expression.Literal(NullNode.instance);
            default -> throw new TemplateException("function \"" + text + "\" must stand first, or in parentheses");
        };
    }

    private static boolean isConstant(String word) {
        return word.equals("true") || word.equals("false") || word.equals("nil");
    }

    private boolean sees(String mark) {
        return next < tokens.size() && tokens.get(next).is(mark);
    }

    private static List<Expression> append(List<Expression> arguments, Expression last) {
        List<Expression> all = new ArrayList<>(arguments);
        all.add(last);
        return all;
    }
}

package dev.ctr.cli.template;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A word of an action.
 *
 * @param kind what it is
 * @param text as written; the content of a text literal
 */
record Token(Kind kind, String text) {
    enum Kind {
        /** {@code .} or {@code .A}; {@code .A.B} is two of them. */
        FIELD,
        VARIABLE,
        WORD,
        TEXT,
        NUMBER,
        /** One of {@code ( ) | , := =}. */
        MARK
    }

    private static final Pattern ESCAPE = Pattern.compile("\\\\(.)");

    private static final Pattern FORM = Pattern.compile(
            "\\s+|(?<field>\\.[A-Za-z_][A-Za-z0-9_]*|\\.)|(?<variable>\\$[A-Za-z0-9_]*)|(?<word>[A-Za-z_][A-Za-z0-9_]*)"
                    + "|(?<text>\"(?:[^\"\\\\]|\\\\.)*\"|`[^`]*`)|(?<number>-?\\d+(?:\\.\\d+)?)|(?<mark>:=|[()|,=])");

    /** The words of an action; a blank before a field is kept as a mark of its own, for it ends a chain. */
    static List<Token> of(String action) {
        List<Token> tokens = new ArrayList<>();
        Matcher form = FORM.matcher(action);
        int position = 0;
        boolean blankBefore = true;
        while (position < action.length()) {
            if (!form.find(position) || form.start() != position) {
                throw new TemplateException("unexpected \"" + action.charAt(position) + "\" in {{" + action + "}}");
            }
            position = form.end();
            if (form.group().isBlank()) {
                blankBefore = true;
                continue;
            }
            Token token = token(form);
            boolean startsChain = token.kind() == Kind.FIELD && blankBefore && !tokens.isEmpty();
            if (startsChain) {
                tokens.add(SEPARATOR);
            }
            tokens.add(token);
            blankBefore = false;
        }
        return tokens;
    }

    /** Stands before a field that belongs to the action's data, not to the word before it. */
    static final Token SEPARATOR = new Token(Kind.MARK, " ");

    boolean is(String mark) {
        return kind == Kind.MARK && text.equals(mark);
    }

    private static Token token(Matcher form) {
        if (form.group("field") != null) {
            return new Token(Kind.FIELD, form.group().substring(1));
        }
        if (form.group("variable") != null) {
            return new Token(Kind.VARIABLE, form.group());
        }
        if (form.group("word") != null) {
            return new Token(Kind.WORD, form.group());
        }
        if (form.group("text") != null) {
            return new Token(Kind.TEXT, unquoted(form.group()));
        }
        if (form.group("number") != null) {
            return new Token(Kind.NUMBER, form.group());
        }
        return new Token(Kind.MARK, form.group());
    }

    private static String unquoted(String literal) {
        String inner = literal.substring(1, literal.length() - 1);
        if (literal.startsWith("`")) {
            return inner;
        }
        return ESCAPE.matcher(inner)
                .replaceAll(escape -> Matcher.quoteReplacement(character(escape.group(1), literal)));
    }

    private static String character(String escaped, String literal) {
        return switch (escaped) {
            case "n" -> "\n";
            case "t" -> "\t";
            case "\"", "\\" -> escaped;
            default -> throw new TemplateException("unknown escape \\" + escaped + " in " + literal);
        };
    }
}

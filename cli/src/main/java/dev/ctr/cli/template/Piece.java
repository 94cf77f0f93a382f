package dev.ctr.cli.template;

import java.util.ArrayList;
import java.util.List;

/**
 * A stretch of a template: plain text, or what stands between <code>{{</code> and <code>}}</code>.
 *
 * @param isAction which of the two
 * @param content without the braces and trim markers
 */
record Piece(boolean isAction, String content) {
    private static final String OPEN = "{{";
    private static final String CLOSE = "}}";

    /** Takes a template apart. Comments are gone, trim markers have been applied. */
    static List<Piece> split(String template) {
        List<Piece> pieces = new ArrayList<>();
        boolean trimNext = false;
        int position = 0;
        while (position < template.length()) {
            int open = template.indexOf(OPEN, position);
            int textEnd = open < 0 ? template.length() : open;
            String text = template.substring(position, textEnd);
            text = trimNext ? text.stripLeading() : text;
            if (open < 0) {
                addText(text, pieces);
                break;
            }
            int close = closing(template, open + OPEN.length());
            String action = template.substring(open + OPEN.length(), close);
            if (action.startsWith("- ")) {
                action = action.substring(2);
                text = text.stripTrailing();
            }
            trimNext = action.endsWith(" -");
            action = (trimNext ? action.substring(0, action.length() - 2) : action).strip();
            addText(text, pieces);
            if (!(action.startsWith("/*") && action.endsWith("*/"))) {
                pieces.add(new Piece(true, action));
            }
            position = close + CLOSE.length();
        }
        return pieces;
    }

    private static void addText(String text, List<Piece> pieces) {
        if (!text.isEmpty()) {
            pieces.add(new Piece(false, text.replace("\\t", "\t").replace("\\n", "\n")));
        }
    }

    private static int closing(String template, int from) {
        int i = from;
        while (i < template.length()) {
            char c = template.charAt(i);
            if (c == '"' || c == '`') {
                i = afterLiteral(template, i);
            } else if (template.startsWith(CLOSE, i)) {
                return i;
            } else {
                i++;
            }
        }
        throw new TemplateException("unclosed action: {{" + template.substring(from));
    }

    private static int afterLiteral(String template, int start) {
        char quote = template.charAt(start);
        int i = start + 1;
        while (i < template.length() && template.charAt(i) != quote) {
            boolean escapes = quote == '"' && template.charAt(i) == '\\';
            i += escapes ? 2 : 1;
        }
        return i + 1;
    }
}

package dev.ctr.cli.output;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.cli.template.Template;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Writes rows the way {@code --format} asks for: {@code json}, a template for each row, or a template after {@code table},
 * which gets a heading and lined-up columns.
 *
 * @param defaultTemplate the columns when nothing is asked for
 * @param headings the heading of each field; those not listed are headed by their name in capitals
 */
public record Report(String defaultTemplate, Map<String, String> headings) {
    private static final int JSON_INDENTATION = 2;
    private static final Pattern FIELD = Pattern.compile("\\{\\{.*?}}");

    /**
     * A row.
     *
     * @param json what {@code --format json} shows
     * @param fields what templates see
     */
    public record Row(ObjectNode json, ObjectNode fields) {}

    /** How to show the rows. */
    public record Style(String format, boolean heading) {
        /** The default table with a heading. */
        public static final Style DEFAULT = new Style("", true);
    }

    /**
     * The whole text; every line ends with a line end.
     *
     * @throws dev.ctr.cli.template.TemplateException if the format asks for a field that rows do not have
     */
    public String render(List<Row> rows, Style style) {
        String format = style.format().strip();
        if (format.equals("json")) {
            ArrayNode array = JsonNodeFactory.instance.arrayNode();
            rows.forEach(row -> array.add(row.json()));
            return JsonText.indented(array, JSON_INDENTATION) + "\n";
        }
        if (format.isEmpty() || format.equals("table")) {
            return table(defaultTemplate, rows, style);
        }
        if (format.startsWith("table ")) {
            return table(tabsForSpaces(format.substring("table ".length())), rows, style);
        }
        Template template = Template.parse(style.format());
        return rows.stream().map(row -> template.render(row.fields()) + "\n").collect(Collectors.joining());
    }

    private String table(String columns, List<Row> rows, Style style) {
        Template template = Template.parse(columns);
        Table table = new Table();
        if (style.heading()) {
            table.tabbed(template.render(heading(rows)));
        }
        rows.forEach(row -> table.tabbed(template.render(row.fields())));
        return table.render();
    }

    /** In a table a space between fields begins a column, as in podman's. */
    private static String tabsForSpaces(String columns) {
        StringBuilder text = new StringBuilder();
        int end = 0;
        for (Matcher field = FIELD.matcher(columns); field.find(); end = field.end()) {
            text.append(columns.substring(end, field.start()).replace(' ', '\t'))
                    .append(field.group());
        }
        return text.append(columns.substring(end).replace(' ', '\t')).toString();
    }

    private ObjectNode heading(List<Row> rows) {
        ObjectNode heading = JsonNodeFactory.instance.objectNode();
        if (!rows.isEmpty()) {
            rows.get(0)
                    .fields()
                    .fieldNames()
                    .forEachRemaining(name -> heading.put(name, name.toUpperCase(Locale.ROOT)));
        }
        headings.forEach(heading::put);
        return heading;
    }
}

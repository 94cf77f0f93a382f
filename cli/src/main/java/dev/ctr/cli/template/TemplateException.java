package dev.ctr.cli.template;

/** Says what is wrong with a template, or why it does not fit the data. */
public final class TemplateException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    TemplateException(String message) {
        super("template: " + message);
    }
}

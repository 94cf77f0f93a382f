package dev.ctr.agent.migration;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Which strategy is wanted. */
public enum StrategyChoice {
    /** Cold for little memory, else pre-copy. */
    AUTO,
    COLD,
    PRE_COPY;

    /** The word for it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * The strategy of this word.
     *
     * @throws IllegalArgumentException for another word
     */
    public static StrategyChoice parse(String word) {
        return Arrays.stream(values())
                .filter(choice -> choice.word().equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("unknown strategy \"" + word + "\": it must be one of "
                        + Arrays.stream(values()).map(StrategyChoice::word).collect(Collectors.joining(", "))));
    }
}

package dev.ctr.cli.invocation;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Finds what somebody may have meant who wrote a word that is not known. */
public final class Suggestion {
    private Suggestion() {}

    /** The known word that differs least, if it does not differ much. */
    public static Optional<String> forWord(String word, Collection<String> known) {
        int letters = word.replaceFirst("^-+", "").length();
        int tolerance = Math.max(1, letters / 3);
        return known.stream()
                .filter(candidate -> distance(word, candidate) <= tolerance || isBeginning(word, candidate))
                .min(Comparator.comparingInt(candidate -> distance(word, candidate)));
    }

    private static boolean isBeginning(String word, String candidate) {
        return word.length() >= 2 && candidate.startsWith(word);
    }

    /** The Levenshtein distance, where a dash and an underscore are the same. */
    private static int distance(String left, String right) {
        int[] row = new int[right.length() + 1];
        for (int column = 0; column <= right.length(); column++) {
            row[column] = column;
        }
        for (int line = 1; line <= left.length(); line++) {
            int diagonal = row[0];
            row[0] = line;
            for (int column = 1; column <= right.length(); column++) {
                int replaced = diagonal + (same(left.charAt(line - 1), right.charAt(column - 1)) ? 0 : 1);
                diagonal = row[column];
                row[column] = Math.min(replaced, 1 + Math.min(row[column], row[column - 1]));
            }
        }
        return row[right.length()];
    }

    private static boolean same(char left, char right) {
        return (left == '_' ? '-' : left) == (right == '_' ? '-' : right);
    }
}

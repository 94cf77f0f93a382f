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
                .min(Comparator.<String>comparingInt(candidate -> distance(word, candidate))
                        .thenComparingInt(candidate -> Math.abs(word.length() - candidate.length())));
    }

    private static boolean isBeginning(String word, String candidate) {
        return word.length() >= 2 && candidate.startsWith(word);
    }

    /**
     * The optimal string alignment distance: how many letters must be added, removed, replaced, or swapped with the next. A dash
     * and an underscore are the same.
     */
    private static int distance(String left, String right) {
        int[][] table = new int[left.length() + 1][right.length() + 1];
        for (int i = 0; i <= left.length(); i++) {
            for (int j = 0; j <= right.length(); j++) {
                table[i][j] = i == 0 || j == 0 ? i + j : cheapest(table, left, right, i, j);
            }
        }
        return table[left.length()][right.length()];
    }

    private static int cheapest(int[][] table, String left, String right, int i, int j) {
        int replaced = table[i - 1][j - 1] + (same(left.charAt(i - 1), right.charAt(j - 1)) ? 0 : 1);
        int changed = 1 + Math.min(table[i - 1][j], table[i][j - 1]);
        boolean swapped = i > 1
                && j > 1
                && same(left.charAt(i - 1), right.charAt(j - 2))
                && same(left.charAt(i - 2), right.charAt(j - 1));
        return Math.min(Math.min(replaced, changed), swapped ? table[i - 2][j - 2] + 1 : Integer.MAX_VALUE);
    }

    private static boolean same(char left, char right) {
        return (left == '_' ? '-' : left) == (right == '_' ? '-' : right);
    }
}

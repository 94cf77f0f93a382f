package dev.ctr.lifecycle;

import java.util.List;
import java.util.random.RandomGenerator;

/** Names for containers that were given none: an adjective and an animal. */
final class NameGenerator {
    private static final List<String> ADJECTIVES = List.of(
            "able", "agile", "amber", "brave", "bright", "brisk", "calm", "clear", "clever", "cosy", "crisp", "curious",
            "daring", "deft", "eager", "early", "fair", "fleet", "fond", "frank", "gentle", "glad", "golden", "grand",
            "happy", "hardy", "honest", "jolly", "keen", "kind", "lively", "lucid", "lucky", "mellow", "merry", "mild",
            "modest", "neat", "nimble", "noble", "patient", "plucky", "polite", "proud", "quick", "quiet", "ready",
            "rustic", "serene", "sharp", "silver", "sleek", "snug", "solid", "steady", "sturdy", "subtle", "sunny",
            "swift", "tender", "tidy", "trusty", "vivid", "warm", "wise", "witty", "zesty");
    private static final List<String> ANIMALS = List.of(
            "badger",
            "beaver",
            "bison",
            "bobcat",
            "bunting",
            "caribou",
            "cheetah",
            "civet",
            "condor",
            "cormorant",
            "crane",
            "curlew",
            "dingo",
            "dolphin",
            "dormouse",
            "dunlin",
            "eagle",
            "egret",
            "falcon",
            "ferret",
            "finch",
            "gannet",
            "gazelle",
            "gecko",
            "godwit",
            "heron",
            "hoopoe",
            "ibex",
            "jackdaw",
            "jaguar",
            "kestrel",
            "kite",
            "lapwing",
            "lemur",
            "linnet",
            "lizard",
            "lynx",
            "magpie",
            "marmot",
            "marten",
            "merlin",
            "mink",
            "moose",
            "newt",
            "nuthatch",
            "ocelot",
            "osprey",
            "otter",
            "owl",
            "panther",
            "pelican",
            "petrel",
            "pipit",
            "plover",
            "puffin",
            "quail",
            "raven",
            "robin",
            "salmon",
            "seal",
            "shrike",
            "skylark",
            "stoat",
            "stork",
            "swallow",
            "tapir",
            "tern",
            "thrush",
            "toucan",
            "vole",
            "warbler",
            "weasel",
            "wombat",
            "wren",
            "yak");

    private NameGenerator() {}

    static String next(RandomGenerator random) {
        return pick(ADJECTIVES, random) + "_" + pick(ANIMALS, random);
    }

    private static String pick(List<String> words, RandomGenerator random) {
        return words.get(random.nextInt(words.size()));
    }
}

package dev.ctr.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CheckpointLevelsTest {
    private static final String CHAIN = "0123456789abcdef0123456789abcdef";

    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({"1,pre-checkpoint", "2,pre-checkpoint-2", "10,pre-checkpoint-10", "999,pre-checkpoint-999"})
    void aLevelHasOneName(int level, String name) {
        assertThat(CheckpointLevels.directory(level)).isEqualTo(name);
        assertThat(CheckpointLevels.level(name)).hasValue(level);
        assertThat(CheckpointLevels.linkedLevel(CheckpointLevels.link(level))).hasValue(level);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "pre-checkpoint-1",
                "pre-checkpoint-0",
                "pre-checkpoint-02",
                "pre-checkpoint-1000",
                "pre-checkpoint-2x",
                "pre-checkpoint-",
                "xpre-checkpoint",
                "pre-checkpoint.incomplete",
                "checkpoint"
            })
    void nothingElseIsALevel(String name) {
        assertThat(CheckpointLevels.level(name)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "checkpoint/parent,../pre-checkpoint,true",
        "checkpoint/parent,../pre-checkpoint-7,true",
        "pre-checkpoint-2/parent,../pre-checkpoint,true",
        "pre-checkpoint-9/parent,../pre-checkpoint-8,true",
        "pre-checkpoint/parent,../pre-checkpoint,false",
        "pre-checkpoint-2/parent,../pre-checkpoint-2,false",
        "pre-checkpoint-2/parent,../pre-checkpoint-3,false",
        "pre-checkpoint-3/parent,../pre-checkpoint,false",
        "checkpoint/parent,pre-checkpoint,false",
        "checkpoint/parent,../pre-checkpoint/,false",
        "checkpoint/parent,../../pre-checkpoint,false",
        "checkpoint/parent,/pre-checkpoint,false",
        "checkpoint/other,../pre-checkpoint,false",
        "checkpoint/a/parent,../pre-checkpoint,false",
        "artifacts/parent,../pre-checkpoint,false",
        "parent,../pre-checkpoint,false"
    })
    void linksLeadToTheLevelBeforeAndNowhereElse(String name, String target, boolean allowed) {
        assertThat(CheckpointLevels.mayLink(name, target)).isEqualTo(allowed);
    }

    @Test
    void aRecordsDigestStandsForItsImagesAndTheLevelBefore() throws IOException {
        Files.writeString(directory.resolve("pages-1.img"), "pages");
        LevelRecord first = LevelRecord.of(CHAIN, 1, Optional.empty(), directory);
        first.write(directory);
        String digest = LevelRecord.digest(directory);
        LevelRecord read = LevelRecord.read(directory).orElseThrow();
        assertThat(read).isEqualTo(first);
        assertThat(read.difference(LevelRecord.digests(directory))).isEmpty();

        Files.writeString(directory.resolve("pages-1.img"), "pageS");
        assertThat(read.difference(LevelRecord.digests(directory))).contains("pages-1.img");
        Files.writeString(directory.resolve("pages-1.img"), "pages");
        Files.writeString(directory.resolve("pages-2.img"), "more");
        assertThat(read.difference(LevelRecord.digests(directory))).contains("pages-2.img");

        Files.delete(directory.resolve(LevelRecord.FILE));
        LevelRecord.of(CHAIN, 2, Optional.of(digest), directory).write(directory);
        assertThat(LevelRecord.digest(directory)).isNotEqualTo(digest);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{}",
                "null",
                "{\"chain\":\"0123456789abcdef0123456789abcdef\",\"level\":0}",
                "{\"chain\":\"0123456789abcdef0123456789abcdef\",\"level\":2}",
                "{\"chain\":\"../../etc\",\"level\":1}",
                "{\"chain\":\"0123456789abcdef0123456789abcdef\",\"level\":1,\"files\":3}"
            })
    void whatIsNoRecordIsRefused(String content) throws IOException {
        Files.writeString(directory.resolve(LevelRecord.FILE), content);
        assertThatThrownBy(() -> LevelRecord.read(directory)).isInstanceOf(ArchiveException.class);
    }
}

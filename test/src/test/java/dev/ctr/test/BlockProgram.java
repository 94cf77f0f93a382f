package dev.ctr.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.awaitility.Awaitility;

/**
 * A container's program that goes on changing two large files of its volume, one by pwrite(2) and one through a shared mapping, and knows
 * in its memory what each of their blocks must hold. Every second 1 % of the blocks changes, anywhere. It also makes, renames and deletes
 * small files, in the volume and in its root file system.
 */
final class BlockProgram {
    /** Where the volume belongs in the container. */
    static final String PLACE = "/data";

    private static final int BLOCKS_IN_A_MEBIBYTE = 256;

    private static final String SCRIPT = """
            my ($blocks, $step) = @ARGV; my ($mmap, $read) = (9, 0); my (%file, %gen, %addr);
            sub content { my ($f, $b, $g) = @_; return pack("NNN", $f eq "m", $b, $g) . "x" x 4072 . pack("NNN", $g, $b, 7) }
            for my $f ("p", "m") {
              sysopen($file{$f}, "/data/$f", 66) or die; $gen{$f} = [(0) x $blocks];
              for my $b (0 .. $blocks - 1) { syswrite($file{$f}, content($f, $b, 0)) == 4096 or die }
            }
            my $fd = fileno($file{m}) + 0; my $addr = syscall($mmap, 0, $blocks * 4096, 3, 1, $fd, 0); die if $addr == -1;
            pipe(my $r, my $w) or die; my $in = fileno($r) + 0;
            sub put { my ($f, $b) = @_; my $c = content($f, $b, ++$gen{$f}[$b]);
              if ($f eq "p") { sysseek($file{p}, $b * 4096, 0); syswrite($file{p}, $c) == 4096 or die }
              else { syswrite($w, $c) == 4096 or die; my $to = $addr + $b * 4096; syscall($read, $in, $to, 4096) == 4096 or die } }
            sub check { my $bad = "";
              for my $f ("p", "m") { sysseek($file{$f}, 0, 0);
                for my $b (0 .. $blocks - 1) { sysread($file{$f}, my $c, 4096);
                  $bad .= "$f:$b " if $c ne content($f, $b, $gen{$f}[$b]) } }
              return $bad || "ok" }
            my $n = 0; mkdir "/data/d"; mkdir "/own";
            while (1) {
              if (-e "/data/check") { open(my $o, ">", "/data/result.new"); print $o check(); close $o; unlink "/data/check";
                rename "/data/result.new", "/data/result"; }
              put("p", int(rand($blocks))) for 1 .. $step; put("m", int(rand($blocks))) for 1 .. $step; $n++;
              for my $d ("/data/d", "/own") { open(my $o, ">", "$d/f" . $n % 20); print $o $n; close $o;
                rename "$d/f" . $n % 20, "$d/g" . $n % 7; unlink "$d/f" . ($n + 5) % 20; }
              select(undef, undef, undef, 0.01);
            }
            """;

    private BlockProgram() {}

    /** Makes an image of busybox and the program. */
    static Path image(Path directory) {
        try {
            Path rootfs = Busybox.layOut(directory.resolve("blocks"));
            Busybox.addProgram(rootfs, "perl");
            Files.writeString(rootfs.resolve("program"), SCRIPT);
            Path tar = directory.resolve("blocks.tar");
            Commands.run("tar", "-C", rootfs.toString(), "-cf", tar.toString(), ".")
                    .succeeded();
            return tar;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What runs it with files of so many MiB together. */
    static List<String> command(int mebibytes) {
        int blocks = mebibytes * BLOCKS_IN_A_MEBIBYTE / 2;
        // A round takes some 12 ms.
        return List.of("perl", "/program", String.valueOf(blocks), String.valueOf(Math.max(1, blocks / 8000)));
    }

    /** Waits until it has written both files and changes them. */
    static void awaitBegin(Path volume) {
        Awaitility.await().until(() -> Files.exists(volume.resolve("d/g0")));
    }

    /** Has it compare all blocks with what it remembers; {@code ok}, or those that are different. */
    static String check(Path volume) throws IOException {
        Files.deleteIfExists(volume.resolve("result"));
        Path order = Files.writeString(volume.resolveSibling("check"), "");
        Files.move(order, volume.resolve("check"), StandardCopyOption.ATOMIC_MOVE);
        Awaitility.await().until(() -> Files.exists(volume.resolve("result")));
        return Files.readString(volume.resolve("result"));
    }
}

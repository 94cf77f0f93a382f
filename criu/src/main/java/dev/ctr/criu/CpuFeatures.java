package dev.ctr.criu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Instructions that programs look for and then rely on, by the names of {@code /proc/cpuinfo}. A program that found them when it
 * started dies of SIGILL on a processor without them. What concerns the kernel alone is left out: it differs between hosts that are
 * otherwise alike.
 */
public final class CpuFeatures {
    private static final Path CPU_INFORMATION = Path.of("/proc/cpuinfo");
    private static final long LONGEST = 1 << 20;

    /** Of x86: those that user programs use (Linux, arch/x86/include/asm/cpufeatures.h). */
    private static final Set<String> OF_X86 =
            Set.of(("abm adx aes amx_bf16 amx_complex amx_fp16 amx_int8 amx_tile avx avx2 avx_ifma"
                            + " avx_ne_convert avx_vnni avx_vnni_int16 avx_vnni_int8 bmi1 bmi2 cldemote clflush clflushopt clwb clzero cmov"
                            + " cmpccxadd cx16 cx8 enqcmd erms f16c fma fma4 fsgsbase fsrm fxsr gfni hle lahf_lm mmx movbe movdir64b"
                            + " movdiri mwaitx ospke pclmulqdq pku pni popcnt prefetchi rdpid rdpru rdrand rdseed rdtscp rtm serialize"
                            + " sha512 sha_ni sm3 sm4 sse sse2 sse4_1 sse4_2 sse4a ssse3 tbm tsxldtrk vaes vpclmulqdq waitpkg wbnoinvd"
                            + " xgetbv1 xop xsave xsavec xsaveopt")
                    .split(" "));

    private static final String AVX512 = "avx512";

    private CpuFeatures() {}

    /** Those of this host's processor; none if the kernel does not tell. */
    public static Set<String> ofThisHost() throws IOException {
        try (Stream<String> lines = Files.lines(CPU_INFORMATION)) {
            return parse(lines.limit(LONGEST));
        }
    }

    /** Those of the first processor that a text in the form of {@code /proc/cpuinfo} describes. */
    static Set<String> parse(Stream<String> lines) {
        Optional<String> line = lines.filter(text -> text.startsWith("flags") || text.startsWith("Features"))
                .findFirst();
        boolean x86 = line.filter(text -> text.startsWith("flags")).isPresent();
        return line.stream()
                .flatMap(text -> Arrays.stream(
                        text.substring(text.indexOf(':') + 1).strip().split("\\s+")))
                .filter(name -> !name.isEmpty() && (!x86 || OF_X86.contains(name) || name.startsWith(AVX512)))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}

package dev.ctr.lifecycle;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The program of an infra container: it does nothing but wait, take in the children of others that ended (it is process 1 of
 * a PID namespace that a pod may share), and end at SIGTERM and SIGINT. Nothing needs to be installed for it: it is an ELF file
 * of one segment, written here from its machine code, which makes system calls only.
 *
 * <pre>{@code
 * sigprocmask(SIG_BLOCK, {SIGINT, SIGTERM, SIGCHLD})    // blocked, because the kernel discards what process 1 does not handle
 * while (true) {
 *     signal = sigtimedwait({SIGINT, SIGTERM, SIGCHLD})
 *     if (signal == SIGTERM || signal == SIGINT) exit(0)
 *     while (wait4(-1, NULL, WNOHANG, NULL) > 0) {}
 * }
 * }</pre>
 *
 * <p>A call that was interrupted, by a checkpoint for example, is made again by the loop.
 */
final class PauseProgram {
    /** What is left of a semicolon is machine code; 0x14002 is the set of the three signals. */
    private static final String X86_64 = """
            68 02 40 01 00       ;        push   0x14002
            48 89 e6             ;        mov    rsi, rsp      set
            31 ff                ;        xor    edi, edi      SIG_BLOCK
            31 d2                ;        xor    edx, edx      no old set
            41 ba 08 00 00 00    ;        mov    r10d, 8       bytes of the set
            b8 0e 00 00 00       ;        mov    eax, 14       rt_sigprocmask
            0f 05                ;        syscall
            48 89 e7             ; wait:  mov    rdi, rsp      set
            31 f6                ;        xor    esi, esi      no information
            31 d2                ;        xor    edx, edx      no timeout
            41 ba 08 00 00 00    ;        mov    r10d, 8       bytes of the set
            b8 80 00 00 00       ;        mov    eax, 128      rt_sigtimedwait
            0f 05                ;        syscall
            83 f8 0f             ;        cmp    eax, 15       SIGTERM
            74 1f                ;        je     end
            83 f8 02             ;        cmp    eax, 2        SIGINT
            74 1a                ;        je     end
            83 cf ff             ; reap:  or     edi, -1       any child
            31 f6                ;        xor    esi, esi      no status
            ba 01 00 00 00       ;        mov    edx, 1        WNOHANG
            45 31 d2             ;        xor    r10d, r10d    no usage
            b8 3d 00 00 00       ;        mov    eax, 61       wait4
            0f 05                ;        syscall
            85 c0                ;        test   eax, eax
            7f e8                ;        jg     reap
            eb c8                ;        jmp    wait
            31 ff                ; end:   xor    edi, edi
            b8 3c 00 00 00       ;        mov    eax, 60       exit
            0f 05                ;        syscall
            """;

    /** The same; each instruction is one word, whose bytes are stored with the lowest first. */
    private static final String AARCH64 = """
            d2880049             ;        mov    x9, 0x4002
            f2a00029             ;        movk   x9, 1, lsl 16
            f81f0fe9             ;        str    x9, [sp, -16]!
            d2800000             ;        mov    x0, 0         SIG_BLOCK
            910003e1             ;        mov    x1, sp        set
            d2800002             ;        mov    x2, 0         no old set
            d2800103             ;        mov    x3, 8         bytes of the set
            d28010e8             ;        mov    x8, 135       rt_sigprocmask
            d4000001             ;        svc    0
            910003e0             ; wait:  mov    x0, sp        set
            d2800001             ;        mov    x1, 0         no information
            d2800002             ;        mov    x2, 0         no timeout
            d2800103             ;        mov    x3, 8         bytes of the set
            d2801128             ;        mov    x8, 137       rt_sigtimedwait
            d4000001             ;        svc    0
            f1003c1f             ;        cmp    x0, 15        SIGTERM
            54000180             ;        b.eq   end
            f100081f             ;        cmp    x0, 2         SIGINT
            54000140             ;        b.eq   end
            92800000             ; reap:  mov    x0, -1        any child
            d2800001             ;        mov    x1, 0         no status
            d2800022             ;        mov    x2, 1         WNOHANG
            d2800003             ;        mov    x3, 0         no usage
            d2802088             ;        mov    x8, 260       wait4
            d4000001             ;        svc    0
            f100001f             ;        cmp    x0, 0
            54ffff2c             ;        b.gt   reap
            17ffffee             ;        b      wait
            d2800000             ; end:   mov    x0, 0
            d2800ba8             ;        mov    x8, 93        exit
            d4000001             ;        svc    0
            """;

    private static final int ELF_HEADER_BYTES = 64;
    private static final int PROGRAM_HEADER_BYTES = 56;
    private static final long LOAD_ADDRESS = 0x400000;
    private static final long ALIGNMENT = 0x10000;
    private static final short EXECUTABLE = 2;
    private static final int LOAD = 1;
    private static final int READ_AND_EXECUTE = 5;

    private PauseProgram() {}

    /** @throws EngineException INVALID_ARGUMENT on a processor for which it is not written */
    static byte[] forThisProcessor() {
        return forProcessor(System.getProperty("os.arch", "").toLowerCase(Locale.ROOT));
    }

    /** @param name as Java's property {@code os.arch} has it */
    static byte[] forProcessor(String name) {
        return switch (name) {
            case "amd64", "x86_64" -> elf((short) 62, machineCode(X86_64, false));
            case "aarch64", "arm64" -> elf((short) 183, machineCode(AARCH64, true));
            default ->
                throw new EngineException(
                        EngineException.Code.INVALID_ARGUMENT,
                        "pods with an infra container work on x86-64 and aarch64 only, this is " + name
                                + ": create the pod with --infra=false");
        };
    }

    private static byte[] machineCode(String listing, boolean lowestByteFirst) {
        ByteBuffer code = ByteBuffer.allocate(listing.length());
        instructions(listing).forEach(instruction -> {
            for (int i = 0; i < instruction.length; i++) {
                code.put(instruction[lowestByteFirst ? instruction.length - 1 - i : i]);
            }
        });
        byte[] bytes = new byte[code.position()];
        code.flip().get(bytes);
        return bytes;
    }

    private static Stream<byte[]> instructions(String listing) {
        return listing.lines()
                .map(line -> line.substring(0, line.indexOf(';')).replace(" ", ""))
                .map(HexFormat.of()::parseHex);
    }

    /** An ELF64 header, one program header, and the code (elf(5)). */
    private static byte[] elf(short machine, byte[] code) {
        int headers = ELF_HEADER_BYTES + PROGRAM_HEADER_BYTES;
        ByteBuffer file = ByteBuffer.allocate(headers + code.length).order(ByteOrder.LITTLE_ENDIAN);
        file.put(HexFormat.of().parseHex("7f454c46020101")).position(16);
        file.putShort(EXECUTABLE).putShort(machine).putInt(1);
        file.putLong(LOAD_ADDRESS + headers).putLong(ELF_HEADER_BYTES).putLong(0);
        file.putInt(0).putShort((short) ELF_HEADER_BYTES).putShort((short) PROGRAM_HEADER_BYTES);
        file.putShort((short) 1).position(ELF_HEADER_BYTES);
        file.putInt(LOAD).putInt(READ_AND_EXECUTE);
        file.putLong(0).putLong(LOAD_ADDRESS).putLong(LOAD_ADDRESS);
        file.putLong(file.capacity()).putLong(file.capacity()).putLong(ALIGNMENT);
        return file.put(code).array();
    }
}

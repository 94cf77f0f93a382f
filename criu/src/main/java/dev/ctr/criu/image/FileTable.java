package dev.ctr.criu.image;

import com.google.protobuf.ByteString;
import dev.ctr.criu.image.OpenFile.Regular;
import dev.ctr.proto.criu.FifoEntry;
import dev.ctr.proto.criu.FileEntry;
import dev.ctr.proto.criu.FileType;
import dev.ctr.proto.criu.InetSocketEntry;
import dev.ctr.proto.criu.MemoryFileInode;
import dev.ctr.proto.criu.PipeDataEntry;
import dev.ctr.proto.criu.RegularFileEntry;
import dev.ctr.proto.criu.RemapFilePathEntry;
import dev.ctr.proto.criu.SocketPacketEntry;
import dev.ctr.proto.criu.TcpStreamEntry;
import dev.ctr.proto.criu.TtyInfoEntry;
import dev.ctr.proto.criu.UnixSocketEntry;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Everything that descriptors of a dump refer to, by CRIU's numbers. */
final class FileTable {
    private static final int ACCESS_MODE = 3;
    private static final int GHOST = 1;
    private static final int LINK = 0;
    private static final int PSEUDO_TERMINAL = 1;
    private static final int TCP = 6;
    private static final int FILE_TYPE = 0170000;
    private static final int CHARACTER_DEVICE = 0020000;
    private static final int BLOCK_DEVICE = 0060000;

    private final DumpImages images;
    private final Map<Integer, FileEntry> files = new HashMap<>();
    private final Set<Integer> deleted = new HashSet<>();
    private final Map<Integer, Long> pipeBytes = new HashMap<>();
    private final Map<Integer, Long> socketBytes = new HashMap<>();
    private final Map<Long, MemoryFileInode> memoryFiles = new HashMap<>();
    private final Map<Integer, TtyInfoEntry> terminals = new HashMap<>();

    private FileTable(DumpImages images) {
        this.images = images;
    }

    static FileTable read(DumpImages images) throws IOException {
        FileTable table = new FileTable(images);
        table.readFiles();
        table.readWhatTheyHold();
        return table;
    }

    private void readFiles() throws IOException {
        for (FileEntry entry : images.all("files.img", ImageType.FILES, FileEntry.parser())) {
            files.put(entry.getId(), entry);
        }
        for (RemapFilePathEntry remap :
                images.all("remap-fpath.img", ImageType.REMAP_FPATH, RemapFilePathEntry.parser())) {
            if (remap.getRemapType() == GHOST || remap.getRemapType() == LINK) {
                deleted.add(remap.getOrigId());
            }
        }
        for (MemoryFileInode inode : images.all("memfd.img", ImageType.MEMFD_INODE, MemoryFileInode.parser())) {
            memoryFiles.put(inode.getInodeId(), inode);
        }
        for (TtyInfoEntry terminal : images.all("tty-info.img", ImageType.TTY_INFO, TtyInfoEntry.parser())) {
            terminals.put(terminal.getId(), terminal);
        }
    }

    private void readWhatTheyHold() throws IOException {
        readPipes("pipes-data.img", ImageType.PIPES_DATA);
        readPipes("fifo-data.img", ImageType.FIFO_DATA);
        List<SocketPacketEntry> packets = images.all(
                "sk-queues.img",
                ImageType.SK_QUEUES,
                SocketPacketEntry.parser(),
                packet -> Integer.toUnsignedLong(packet.getLength()));
        packets.forEach(
                packet -> socketBytes.merge(packet.getIdFor(), Integer.toUnsignedLong(packet.getLength()), Long::sum));
    }

    private void readPipes(String image, ImageType type) throws IOException {
        List<PipeDataEntry> pipes =
                images.all(image, type, PipeDataEntry.parser(), data -> Integer.toUnsignedLong(data.getBytes()));
        pipes.forEach(data -> pipeBytes.put(data.getPipeId(), Integer.toUnsignedLong(data.getBytes())));
    }

    /** A file by its number; one that is not in the dump is told as such. */
    OpenFile file(int id) throws IOException {
        FileEntry entry = files.get(id);
        if (entry == null) {
            return new OpenFile.Other("not in the dump");
        }
        return switch (entry.getType()) {
            case REG -> regular(entry.getReg());
            case PIPE -> pipe(entry.getPipe().getPipeId(), entry.getPipe().getFlags(), "");
            case FIFO -> fifo(entry.getFifo());
            case INETSK -> inet(entry.getIsk());
            case UNIXSK -> unix(entry.getUsk());
            case PACKETSK ->
                new OpenFile.Packet(
                        SocketWords.type(entry.getPsk().getType()),
                        entry.getPsk().getProtocol(),
                        entry.getPsk().getIfindex());
            case NETLINKSK ->
                new OpenFile.Netlink(
                        entry.getNlsk().getProtocol(),
                        Integer.toUnsignedLong(entry.getNlsk().getPortid()));
            case TTY -> terminal(entry);
            case MEMFD -> memory(entry);
            case EVENTFD ->
                new OpenFile.Other(
                        "count " + Long.toUnsignedString(entry.getEfd().getCounter()));
            case EVENTPOLL -> new OpenFile.Other("watches " + entry.getEpfd().getTfdCount() + " descriptors");
            case PIDFD -> new OpenFile.Other("process " + entry.getPidfd().getNspid());
            default -> new OpenFile.Other("");
        };
    }

    /** The path of a file by its number, empty if it has none. */
    String path(int id) throws IOException {
        return file(id) instanceof Regular regular ? regular.path() : "";
    }

    /** The names of files that are device nodes. */
    Set<String> devices() {
        Set<String> names = new TreeSet<>();
        for (FileEntry entry : files.values()) {
            int type = entry.getReg().getMode() & FILE_TYPE;
            if (type == CHARACTER_DEVICE || type == BLOCK_DEVICE) {
                names.add(text(entry.getReg().getName()));
            }
        }
        return names;
    }

    /** CRIU's word for the kind of a file. */
    static String type(FileType type) {
        return type == FileType.UNKNOWN_FILE ? "UNKNOWN" : type.name();
    }

    private Regular regular(RegularFileEntry file) {
        return new Regular(
                text(file.getName()), file.getPos(), file.getSize(), file.getFlags(), deleted.contains(file.getId()));
    }

    private OpenFile.Pipe pipe(int pipe, int flags, String name) {
        return new OpenFile.Pipe(
                Integer.toUnsignedLong(pipe), name, (flags & ACCESS_MODE) != 0, pipeBytes.getOrDefault(pipe, 0L));
    }

    /** A named pipe has its name and its flags among the regular files. */
    private OpenFile.Pipe fifo(FifoEntry fifo) {
        RegularFileEntry name = files.getOrDefault(fifo.getRegfId(), FileEntry.getDefaultInstance())
                .getReg();
        return pipe(fifo.getPipeId(), name.getFlags(), text(name.getName()));
    }

    private OpenFile.Inet inet(InetSocketEntry socket) throws IOException {
        Optional<TcpStreamEntry> stream = socket.getProto() == TCP
                ? images.only(
                        "tcp-stream-" + Integer.toHexString(socket.getIno()) + ".img",
                        ImageType.TCP_STREAM,
                        TcpStreamEntry.parser())
                : Optional.empty();
        return new OpenFile.Inet(
                SocketWords.protocol(socket.getProto()),
                SocketWords.state(socket.getState()),
                Endpoint.of(socket.getSrcAddrList(), socket.getSrcPort()),
                Endpoint.of(socket.getDstAddrList(), socket.getDstPort()),
                stream.map(tcp -> Integer.toUnsignedLong(tcp.getInqLen()))
                        .orElseGet(() -> socketBytes.getOrDefault(socket.getId(), 0L)),
                stream.map(tcp -> Integer.toUnsignedLong(tcp.getOutqLen())).orElse(0L));
    }

    private OpenFile.Unix unix(UnixSocketEntry socket) {
        return new OpenFile.Unix(
                SocketWords.type(socket.getType()),
                SocketWords.state(socket.getState()),
                socketName(socket.getName()),
                Integer.toUnsignedLong(socket.getIno()),
                Integer.toUnsignedLong(socket.getPeer()),
                socketBytes.getOrDefault(socket.getId(), 0L));
    }

    /** A path ends with a zero, an abstract name begins with one. */
    private static String socketName(ByteString name) {
        if (!name.isEmpty() && name.byteAt(0) == 0) {
            return "@" + text(name.substring(1));
        }
        int end = name.size();
        while (end > 0 && name.byteAt(end - 1) == 0) {
            end--;
        }
        return text(name.substring(0, end));
    }

    private OpenFile terminal(FileEntry entry) {
        TtyInfoEntry terminal = terminals.get(entry.getTty().getTtyInfoId());
        if (terminal == null) {
            return new OpenFile.Terminal("");
        }
        return new OpenFile.Terminal(
                switch (terminal.getType()) {
                    case PSEUDO_TERMINAL -> "/dev/pts/" + terminal.getPty().getIndex();
                    case 2 -> "/dev/console";
                    case 4 -> "/dev/tty";
                    default -> "";
                });
    }

    private OpenFile memory(FileEntry entry) {
        MemoryFileInode inode =
                memoryFiles.get(Integer.toUnsignedLong(entry.getMemfd().getInodeId()));
        long position = entry.getMemfd().getPos();
        return inode == null
                ? new OpenFile.Memory("", 0, position)
                : new OpenFile.Memory(text(inode.getName()), inode.getSize(), position);
    }

    static String text(ByteString bytes) {
        return bytes.toStringUtf8();
    }
}

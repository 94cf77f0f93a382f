package dev.ctr.criu.image;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The processes of a dump and who is whose child. */
public final class ProcessTree {
    /** Whoever shows a tree indents it; no program nests processes as deeply as this. */
    private static final int DEEPEST = 400;

    private static final int NO_PARENT = 0;

    private final Map<Integer, DumpedProcess> processes;
    private final Map<Integer, List<DumpedProcess>> children;

    private ProcessTree(Map<Integer, DumpedProcess> processes, Map<Integer, List<DumpedProcess>> children) {
        this.processes = processes;
        this.children = children;
    }

    /**
     * Builds the tree.
     *
     * @throws CriuImageException if a process is there twice, or is its own ancestor, or the tree is absurdly deep
     */
    static ProcessTree of(List<DumpedProcess> list) throws CriuImageException {
        Map<Integer, DumpedProcess> processes = new LinkedHashMap<>();
        for (DumpedProcess process : list) {
            if (process.pid() <= 0 || processes.put(process.pid(), process) != null) {
                throw damaged("it has process %d twice, or that is no process number", process.pid());
            }
        }
        Map<Integer, List<DumpedProcess>> children = new HashMap<>();
        for (DumpedProcess process : list) {
            int parent = processes.containsKey(process.parent()) ? process.parent() : NO_PARENT;
            children.computeIfAbsent(parent, pid -> new ArrayList<>()).add(process);
        }
        ProcessTree tree = new ProcessTree(processes, children);
        tree.checkShape();
        return tree;
    }

    private void checkShape() throws CriuImageException {
        int reached = 0;
        List<DumpedProcess> generation = roots();
        for (int depth = 0; !generation.isEmpty(); depth++) {
            if (depth == DEEPEST) {
                throw damaged(
                        "process %d has too many ancestors", generation.get(0).pid());
            }
            reached += generation.size();
            generation = generation.stream()
                    .flatMap(process -> children(process).stream())
                    .toList();
        }
        if (reached < processes.size()) {
            throw damaged("of its processes, %d are their own ancestors", processes.size() - reached);
        }
    }

    private static CriuImageException damaged(String why, int number) {
        return new CriuImageException("pstree.img is damaged: " + why.formatted(number));
    }

    /** Those whose parent is not in the dump, in the order of the dump. */
    public List<DumpedProcess> roots() {
        return childrenOf(NO_PARENT);
    }

    /** The children of a process, in the order of the dump. */
    public List<DumpedProcess> children(DumpedProcess process) {
        return childrenOf(process.pid());
    }

    private List<DumpedProcess> childrenOf(int pid) {
        return Collections.unmodifiableList(children.getOrDefault(pid, List.of()));
    }

    /** All, in the order of the dump. */
    public Collection<DumpedProcess> all() {
        return Collections.unmodifiableCollection(processes.values());
    }
}

package dev.ctr.archive;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Access control lists as the kernel's attribute has them (include/uapi/linux/posix_acl_xattr.h). */
final class Acl {
    private static final int VERSION = 2;
    private static final int NO_ID = -1;

    private Acl() {}

    /** rwx for the owner, for one more user and in the mask, r-x for the group, nothing for others. */
    static byte[] withUser(int uid) {
        ByteBuffer acl =
                ByteBuffer.allocate(4 + 5 * 8).order(ByteOrder.LITTLE_ENDIAN).putInt(VERSION);
        entry(acl, 0x01, 7, NO_ID);
        entry(acl, 0x02, 7, uid);
        entry(acl, 0x04, 5, NO_ID);
        entry(acl, 0x10, 7, NO_ID);
        entry(acl, 0x20, 0, NO_ID);
        return acl.array();
    }

    private static void entry(ByteBuffer acl, int tag, int permissions, int id) {
        acl.putShort((short) tag).putShort((short) permissions).putInt(id);
    }
}

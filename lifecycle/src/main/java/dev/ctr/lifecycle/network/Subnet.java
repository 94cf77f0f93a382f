package dev.ctr.lifecycle.network;

import dev.ctr.lifecycle.EngineException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * A range of addresses that share their first bits.
 *
 * @param network the lowest address, whose bits after the prefix are zero
 * @param prefixLength how many bits are shared, 0 to 32 or 128
 */
record Subnet(InetAddress network, int prefixLength) {
    /**
     * Reads {@code 10.88.0.0/16}; bits after the prefix may be set and are dropped.
     *
     * @throws EngineException INVALID_ARGUMENT if it is not an address with a prefix length
     */
    static Subnet parse(String text) {
        int slash = text.indexOf('/');
        try {
            InetAddress address =
                    AddressLiteral.parse(text.substring(0, Math.max(slash, 0))).orElseThrow();
            return of(address, Integer.parseInt(text.substring(slash + 1)));
        } catch (RuntimeException e) {
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT,
                    "\"" + text + "\" is not a subnet; write an address and a prefix length, such as 10.88.0.0/16",
                    e);
        }
    }

    /** The subnet of that prefix length which the address belongs to. */
    static Subnet of(InetAddress member, int prefixLength) {
        byte[] bits = member.getAddress();
        if (prefixLength < 0 || prefixLength > bits.length * 8) {
            throw new IllegalArgumentException("prefix length " + prefixLength + " of " + member.getHostAddress());
        }
        for (int bit = prefixLength; bit < bits.length * 8; bit++) {
            bits[bit / 8] &= (byte) ~(0x80 >> bit % 8);
        }
        return new Subnet(ofBits(bits), prefixLength);
    }

    boolean contains(InetAddress address) {
        return address.getAddress().length == network.getAddress().length
                && of(address, prefixLength).network.equals(network);
    }

    boolean overlaps(Subnet other) {
        return prefixLength <= other.prefixLength ? contains(other.network) : other.contains(network);
    }

    /** The highest address: with IPv4 the broadcast address. */
    InetAddress last() {
        byte[] bits = network.getAddress();
        for (int bit = prefixLength; bit < bits.length * 8; bit++) {
            bits[bit / 8] |= (byte) (0x80 >> bit % 8);
        }
        return ofBits(bits);
    }

    /** Whether there is room for a gateway and a container. */
    boolean hasRoom() {
        return prefixLength <= network.getAddress().length * 8 - 2;
    }

    /** The address that a gateway gets unless somebody says otherwise. */
    InetAddress firstHost() {
        return moved(network, 1);
    }

    /** The address that many above another, or below. */
    static InetAddress moved(InetAddress from, int steps) {
        byte[] bits = from.getAddress();
        byte[] next = new BigInteger(1, bits).add(BigInteger.valueOf(steps)).toByteArray();
        byte[] padded = new byte[bits.length];
        int length = Math.min(next.length, padded.length);
        System.arraycopy(next, next.length - length, padded, padded.length - length, length);
        return ofBits(padded);
    }

    /** Whether the address can belong to a host: it is neither the subnet's own nor, with IPv4, its broadcast address. */
    boolean canBelongToHost(InetAddress address) {
        return contains(address) && !address.equals(network) && !isBroadcast(address);
    }

    private boolean isBroadcast(InetAddress address) {
        if (!AddressLiteral.isVersion4(address) || prefixLength >= 31) {
            return false;
        }
        return address.equals(last());
    }

    /** The address with these 4 or 16 bytes. */
    static InetAddress ofBits(byte[] bits) {
        try {
            return InetAddress.getByAddress(bits);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of " + bits.length + " bytes", e);
        }
    }

    @Override
    public String toString() {
        return network.getHostAddress() + "/" + prefixLength;
    }
}

package dev.ctr.lifecycle.network;

import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.network.NetworkDefinition.Range;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The subnets of a network that is to be created: those asked for, checked, and those to be chosen.
 *
 * @param asked what was asked for
 * @param taken the subnets that other networks have and that the host is in
 */
record SubnetChoice(NetworkCreateOptions asked, List<Subnet> taken) {
    /** Apart from those of the default network, 10.88 to 10.99, which is chosen later than any other may be. */
    private static final int FIRST_SECOND_OCTET = 100;

    private static final int LAST_SECOND_OCTET = 127;
    private static final int UNIQUE_LOCAL_PREFIX = 64;
    private static final SecureRandom RANDOM = new SecureRandom();

    /** @throws EngineException INVALID_ARGUMENT or IN_USE, in podman's words where it has some */
    List<Range> ranges() {
        requireCounts();
        List<Range> ranges = new ArrayList<>();
        for (int index = 0; index < asked.subnets.size(); index++) {
            ranges.add(askedFor(index));
        }
        boolean hasAddressesFromElsewhere = asked.ipamDriver.equals("dhcp")
                || asked.ipamDriver.equals("none")
                || (asked.ipamDriver.isEmpty() && !asked.driver.equals("bridge"));
        if (hasAddressesFromElsewhere && ranges.isEmpty()) {
            return ranges;
        }
        if (ranges.isEmpty()) {
            Subnet free = freeVersion4();
            ranges.add(new Range(free, free.firstHost()));
        }
        boolean hasVersion6 = ranges.stream().anyMatch(range -> !AddressLiteral.isVersion4(range.gateway()));
        if (asked.version6 && !hasVersion6) {
            Subnet free = freeVersion6();
            ranges.add(new Range(free, free.firstHost()));
        }
        return ranges;
    }

    private void requireCounts() {
        if (asked.subnets.isEmpty() && !(asked.gateways.isEmpty() && asked.ipRanges.isEmpty())) {
            throw invalid("cannot set gateway or range without subnet");
        }
        if (asked.gateways.size() > asked.subnets.size()) {
            throw invalid("cannot set more gateways than subnets");
        }
        if (asked.ipRanges.size() > asked.subnets.size()) {
            throw invalid("cannot set more ranges than subnets");
        }
        if (asked.ipamDriver.equals("none") && !asked.subnets.isEmpty()) {
            throw invalid("none ipam driver is set but subnets are given");
        }
    }

    private Range askedFor(int index) {
        Subnet subnet = Subnet.parse(asked.subnets.get(index));
        if (!subnet.hasRoom()) {
            throw invalid("subnet " + subnet + " has no room for a gateway and a container: take a shorter prefix");
        }
        boolean isTaken = taken.stream().anyMatch(subnet::overlaps)
                || asked.subnets.subList(0, index).stream().map(Subnet::parse).anyMatch(subnet::overlaps);
        if (isTaken) {
            throw new EngineException(
                    EngineException.Code.IN_USE,
                    "subnet " + subnet + " is already used on the host or by another config");
        }
        InetAddress gateway = index < asked.gateways.size()
                ? address(asked.gateways.get(index), "gateway", subnet)
                : subnet.firstHost();
        return index < asked.ipRanges.size()
                ? limited(subnet, gateway, asked.ipRanges.get(index))
                : new Range(subnet, gateway);
    }

    /** A range is a subnet of the subnet, or its first and last address. */
    private static Range limited(Subnet subnet, InetAddress gateway, String text) {
        int dash = text.indexOf('-');
        if (dash >= 0) {
            InetAddress first = address(text.substring(0, dash), "ip-range", subnet);
            InetAddress last = address(text.substring(dash + 1), "ip-range", subnet);
            return new Range(subnet, gateway, first.getHostAddress(), last.getHostAddress());
        }
        Subnet part = Subnet.parse(text);
        InetAddress first = part.hasRoom() ? part.firstHost() : part.network();
        InetAddress last = subnet.canBelongToHost(part.last()) ? part.last() : Subnet.moved(part.last(), -1);
        if (!subnet.canBelongToHost(first) || !subnet.canBelongToHost(last)) {
            throw invalid("ip-range " + text + " not in subnet " + subnet);
        }
        return new Range(subnet, gateway, first.getHostAddress(), last.getHostAddress());
    }

    private static InetAddress address(String text, String role, Subnet subnet) {
        Optional<InetAddress> address = AddressLiteral.parse(text);
        if (address.filter(subnet::canBelongToHost).isEmpty()) {
            throw invalid(role + " " + text + " not in subnet " + subnet);
        }
        return address.get();
    }

    private Subnet freeVersion4() {
        for (int second = FIRST_SECOND_OCTET; second <= LAST_SECOND_OCTET; second++) {
            for (int third = 0; third <= 255; third++) {
                Subnet candidate = Subnet.parse("10." + second + "." + third + ".0/24");
                if (taken.stream().noneMatch(candidate::overlaps)) {
                    return candidate;
                }
            }
        }
        throw new EngineException(
                EngineException.Code.IN_USE,
                "could not find free subnet: all of 10." + FIRST_SECOND_OCTET + ".0.0 to 10." + LAST_SECOND_OCTET
                        + ".255.0 is used; give one by --subnet");
    }

    /** A unique local subnet (RFC 4193), whose 40 random bits make a collision unlikely. */
    private Subnet freeVersion6() {
        while (true) {
            byte[] bits = new byte[16];
            RANDOM.nextBytes(bits);
            bits[0] = (byte) 0xfd;
            Subnet candidate = Subnet.of(Subnet.ofBits(bits), UNIQUE_LOCAL_PREFIX);
            if (taken.stream().noneMatch(candidate::overlaps)) {
                return candidate;
            }
        }
    }

    private static EngineException invalid(String message) {
        return new EngineException(EngineException.Code.INVALID_ARGUMENT, message);
    }
}

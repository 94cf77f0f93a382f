package dev.ctr.agent;

import java.nio.file.Path;

/**
 * The files by which one side of a connection proves who it is and judges the other, all PEM. They are read when a server
 * or channel is made with them, not here.
 *
 * @param certificate the own certificate, followed by those between it and the authority's if there are any
 * @param key its private key, PKCS #8 and not encrypted
 * @param authority the certificates of the authorities whose word counts
 */
public record Identity(Path certificate, Path key, Path authority) {}

/** Tests of the agent: real certificates, real TLS over loopback. */
@NullMarked
package dev.ctr.agent;

import org.jspecify.annotations.NullMarked;

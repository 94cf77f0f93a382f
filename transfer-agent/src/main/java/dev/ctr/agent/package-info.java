/** The agent that will carry containers from host to host. Nothing here yet but its place in the build. */
@NullMarked
package dev.ctr.agent;

import org.jspecify.annotations.NullMarked;

package dev.ctr.lifecycle.check;

import com.fasterxml.jackson.annotation.JsonInclude;

/**
 * A program that was found, or not; the JSON form leaves out what is empty.
 *
 * @param path where it is; empty if there is none
 * @param version what it says of itself; empty if there is none, or it does not say
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record InstalledProgram(String path, String version) {
    static final InstalledProgram NONE = new InstalledProgram("", "");
}

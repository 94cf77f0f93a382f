/** Tests of looking into archives, on archives that were made for the purpose. */
@NullMarked
package dev.ctr.archive.inspect;

import org.jspecify.annotations.NullMarked;
